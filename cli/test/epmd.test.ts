/** EPMD on all five patterns, as Erlang's own nodes and other strangers use it. Clauses are those of docs/protocols/epmd.md. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Random } from '@switchyard/core'
import type { Pattern, Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { PATTERNS } from '@switchyard/impls'
import { Epmd } from '@switchyard/protocols/epmd'
import { describe, expect, it } from 'vitest'
import { Serving, switchyard } from './switchyard.ts'

const NODES = 100
const GARBAGE_BYTES_MAX = 700

const hasErlang = spawnSync('erl', ['-noinput', '-eval', 'halt().']).status === 0
/** In the name of a test, so that a run without Erlang says what it did not try. */
const SKIPPED = hasErlang ? '' : ' (SKIPPED: no erl here; apt-get install erlang-base)'

describe.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', (served, pattern) => {
  it.skipIf(!hasErlang)(`two Erlang nodes ping each other, and SIGKILL of one frees its name${SKIPPED}`, async () => {
    await using directory = await Directory.start(pattern)
    await using left = await ErlangNode.start('left', directory.port)
    {
      await using right = await ErlangNode.start('right', directory.port)
      await directory.untilNames('left', 'right')
      expect(await left.pings('right')).toBe('pong')
      expect(await right.pings('left')).toBe('pong')
      right.kill()
      await directory.untilNames('left')
    }
    await using right = await ErlangNode.start('right', directory.port)
    expect(await right.pings('left')).toBe('pong')
  })

  it('D2.3: a hundred nodes register at once and end at once, by FIN and by reset', async () => {
    await using directory = await Directory.start(pattern)
    const names = Array.from({ length: NODES }, (_, index) => `node-${index}`)
    for (const end of [(node: Socket) => node.end(), (node: Socket) => node.resetAndDestroy()]) {
      const nodes = await Promise.all(names.map((each) => directory.register(each)))
      await directory.untilNames(...names)
      for (const node of nodes) end(node)
      await directory.untilNames()
    }
  })

  it.skipIf(!hasErlang)(`is a drop-in for Erlang's own command${SKIPPED}`, async () => {
    await using serving = await Serving.start(served, ['--protocol', 'epmd'])
    const epmd = (...args: readonly string[]): string =>
      spawnSync('epmd', ['-port', `${serving.port}`, ...args], { encoding: 'utf8' }).stdout
    await using node = await ErlangNode.start('node', serving.port)
    expect(await node.pings('node')).toBe('pong')
    expect(epmd('-names')).toMatch(/^epmd: up and running on port \d+ with data:\nname node at port \d+\n$/)
    expect(epmd('-kill')).toBe('Killing not allowed - living nodes in database.\n')
    await node[Symbol.asyncDispose]()
    while (epmd('-names').includes('node')) {}
    expect(epmd('-kill')).toBe('Killed\n')
    expect(await serving.ended()).toBe(0)
  })

  it('D1.5: garbage of every length is closed without an answer, and nobody else notices', async () => {
    await using directory = await Directory.start(pattern)
    const node = await directory.register('node')
    const random = new Random(1)
    for (let length = 0; length <= GARBAGE_BYTES_MAX; length++) {
      const garbage = Buffer.from(Array.from({ length }, () => random.below(256)))
      const unknown = Buffer.concat([Buffer.of(length >> 8, length & 0xff, 1), garbage])
      const answers = await Promise.all([directory.ask(garbage), directory.ask(unknown)])
      expect(Buffer.concat(answers).toString('hex'), `${length} bytes`).toBe('')
    }
    await directory.untilNames('node')
    expect(directory.server.statistics().held.total).toBe(0)
    node.destroy()
  })
})

const DEBIAN =
  'epmd -port {port} -packet_timeout $((${SWITCHYARD_IDLE_MS:-60000} / 1000)) ' +
  '$([ "$SWITCHYARD_RELAXED" = 1 ] && echo -relaxed_command_check)'

it.skipIf(!hasErlang)(`the suite passes Erlang's own epmd, but for what is known of it${SKIPPED}`, async () => {
  const known = fileURLToPath(new URL('../../protocols/epmd/expectations.json', import.meta.url))
  const { code, stdout } = await switchyard('verify', '--protocol', 'epmd', '--exec', DEBIAN, '--expect', known)
  expect(stdout).toContain('4 failed as declared (D3.1, D4.3, D5.2)')
  expect(code).toBe(0)
})

it('an option of another protocol is refused', async () => {
  const { code, stderr } = await switchyard('serve', 'reactor', '--relaxed', '1')
  expect(stderr).toBe('--relaxed is no option of --protocol router.\n')
  expect(code).toBe(3)
})

/** EPMD on one pattern, on a free port of this machine. */
class Directory implements AsyncDisposable {
  readonly port: number
  readonly server: Server

  private constructor(port: number, server: Server) {
    this.port = port
    this.server = server
  }

  static async start(pattern: Pattern): Promise<Directory> {
    const listener = await listen()
    const port = portOf(listener)
    return new Directory(port, pattern.serve(new Epmd({ port, firstCreation: 4 }), listener))
  }

  /** Sends these bytes and FIN; settles with all that comes back. */
  async ask(bytes: Uint8Array): Promise<Buffer> {
    const socket = createConnection({ port: this.port, allowHalfOpen: true })
    socket.end(bytes)
    return buffer(socket)
  }

  /** Settles when NAMES has these and no other, in any order. */
  async untilNames(...names: readonly string[]): Promise<void> {
    const wanted = names.toSorted().join(' ')
    for (;;) {
      const answer = await this.ask(Buffer.from('\0\u0001n'))
      expect(answer.readUInt32BE()).toBe(this.port)
      const found = Array.from(
        answer
          .subarray(4)
          .toString()
          .matchAll(/^name (\S+) at port \d+$/gm),
        ([, name]) => name,
      )
      if (found.toSorted().join(' ') === wanted) return
    }
  }

  /** Settles with a connection that has registered a name. */
  async register(name: string): Promise<Socket> {
    const socket = createConnection({ port: this.port })
    const described = Buffer.concat([
      Buffer.of(120, 0, 1, 77, 0, 0, 6, 0, 5, 0, name.length),
      Buffer.from(name),
      Buffer.of(0, 0),
    ])
    socket.write(Buffer.concat([Buffer.of(0, described.length), described]))
    const [answer] = await once(socket, 'data')
    expect(answer.toString('hex')).toMatch(/^7600.{8}$/)
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown()
  }
}

/** A process of Erlang's, whose name is registered with a directory of the test's choice. */
class ErlangNode implements AsyncDisposable {
  /** Reads names from stdin, pings each, and prints the answer: pong, or pang. */
  static readonly #PROGRAM = `
    [_, Host] = string:tokens(atom_to_list(node()), "@"),
    io:format("ready~n"),
    Loop = fun(Again) -> case io:get_line("") of
      eof -> halt();
      Line -> Node = list_to_atom(string:trim(Line) ++ "@" ++ Host), io:format("~p~n", [net_adm:ping(Node)]), Again(Again)
    end end,
    Loop(Loop).`

  readonly #child: ChildProcessByStdio<Writable, Readable, null>

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
  }

  static async start(name: string, epmdPort: number): Promise<ErlangNode> {
    const args = ['-noshell', '-sname', name, '-setcookie', 'switchyard', '-eval', ErlangNode.#PROGRAM]
    const env = { ...process.env, ERL_EPMD_PORT: `${epmdPort}` }
    const node = new ErlangNode(
      spawn('erl', [...args, '-start_epmd', 'false'], { env, stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    expect(await node.#says()).toBe('ready')
    return node
  }

  pings(name: string): Promise<string> {
    this.#child.stdin.write(`${name}\n`)
    return this.#says()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'close')
    this.kill()
    await ended
  }

  async #says(): Promise<string> {
    const [said] = await once(this.#child.stdout, 'data')
    return String(said).trim()
  }
}
