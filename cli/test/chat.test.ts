/** `switchyard chat`, `switchyard bots` and the tools that people have, in one room of a server that runs. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { addressOf } from '../src/address.ts'
import { Known } from '../src/chat/known.ts'
import { hear } from '@switchyard/protocols/chat'
import { BIN, Serving, switchyard } from './switchyard.ts'

const CHAT = ['--protocol', 'chat'] as const
const folder = mkdtempSync(join(tmpdir(), 'switchyard-chat-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** In the name of a test, so that a run without the tool says what it did not try. */
function missing(tool: string): string {
  return spawnSync('which', [tool]).status === 0 ? '' : ` (SKIPPED: no ${tool} here)`
}

/** One client of a chat, whatever it is: a process, or a socket. */
class Talker {
  #heard = ''
  #more: (() => void) | undefined
  readonly #say: (text: string) => void

  constructor(output: NodeJS.EventEmitter, say: (text: string) => void, event = 'data') {
    this.#say = say
    output.on(event, (chunk: Uint8Array) => {
      this.#heard += Buffer.from(chunk).toString()
      this.#more?.()
    })
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#say(`${line}\n`)
  }

  /** Settles when the line has come; what stood before it is forgotten. */
  async hears(line: string): Promise<void> {
    for (;;) {
      const at = this.#heard.indexOf(`${line}\n`)
      if (at >= 0) {
        this.#heard = this.#heard.slice(at + line.length + 1)
        return
      }
      await new Promise<void>((resolve) => (this.#more = resolve))
    }
  }
}

describe('an address', () => {
  it.each([
    ['7000', { host: '127.0.0.1', port: 7000 }],
    [':8000', { host: '127.0.0.1', port: 8000 }],
    ['example.org:80', { host: 'example.org', port: 80 }],
    ['[::1]:9', { host: '::1', port: 9 }],
    ['example.org', { host: 'example.org', port: 7000 }],
  ])('%s', (given, address) => expect(addressOf(given)).toEqual(address))

  it.each(['a:b', 'a:b:c', ':0', ':65536'])('not %s', (given) =>
    expect(() => addressOf(given)).toThrow(/is no address/),
  )
})

describe('Tab', () => {
  it('completes commands, names and rooms, as far as they were heard of', () => {
    const known = new Known()
    for (const line of [
      'You are Ann',
      'You joined main',
      'Users - Ann, Bob',
      'Rooms - den (1), main (2)',
      'Bob is now Bill',
    ]) {
      known.hear(hear(line))
    }
    expect(known.complete('/jo')).toEqual([['/join '], '/jo'])
    expect(known.complete('/join d')).toEqual([['den'], 'd'])
    expect(known.complete('/msg B')).toEqual([['Bill '], 'B'])
    expect(known.complete('B')).toEqual([['Bill: '], 'B'])
    expect(known.complete('ask B')).toEqual([['Bill '], 'B'])
  })
})

describe('on a terminal', { timeout: 30_000 }, () => {
  const tmux = missing('tmux')
  it.skipIf(tmux !== '')(`three terminals in tmux: history, completion, Esc, ^C and ^D${tmux}`, async () => {
    await using serving = await Serving.start('channels', [...CHAT])
    const ask = (...args: readonly string[]): string =>
      execFileSync('tmux', ['-L', `switchyard-${process.pid}`, '-f', '/dev/null', ...args], { encoding: 'utf8' })
    const keys = (pane: number, ...given: readonly string[]): unknown => ask('send-keys', '-t', `:0.${pane}`, ...given)
    const shows = (pane: number, what: RegExp): Promise<void> =>
      expect.poll(() => ask('capture-pane', '-p', '-t', `:0.${pane}`), { timeout: 10_000 }).toMatch(what)
    const command = (name: string): string =>
      `${process.execPath} ${BIN} chat ${serving.port} --name ${name} --room tea`
    try {
      ask('new-session', '-d', '-x', '80', '-y', '60', command('Ann'))
      ask('set-option', '-g', 'remain-on-exit', 'on')
      await shows(0, /Ann@tea>/)
      ask('split-window', '-d', '-t', ':0.0', command('Bob'))
      await shows(1, /Bob@tea>/)
      ask('split-window', '-d', '-t', ':0.1', command('Cat'))
      await shows(2, /Cat@tea>/)
      keys(0, 'hello', 'Enter')
      for (const pane of [0, 1, 2]) await shows(pane, /^Ann: hello$/m)
      keys(0, 'Up')
      await shows(0, /Ann@tea> hello/)
      keys(0, ' again', 'Enter')
      await shows(2, /^Ann: hello again$/m)
      keys(1, '/msg C')
      keys(1, 'Tab')
      await shows(1, /> \/msg Cat/)
      keys(1, 'psst', 'Enter')
      await shows(2, /^Bob whispers: psst$/m)
      keys(2, 'Escape')
      await shows(1, /^Cat left$/m)
      keys(1, 'C-c')
      await shows(0, /^Bob left$/m)
      keys(0, 'C-d')
      await expect.poll(() => ask('list-panes', '-F', '#{pane_dead}'), { timeout: 10_000 }).toBe('1\n1\n1\n')
    } finally {
      ask('kill-server')
    }
  })
})

describe('switchyard chat in a script', { timeout: 20_000 }, () => {
  const run = async (input: string, ...args: readonly string[]): Promise<{ code: number | null; said: string }> => {
    const child = spawn(process.execPath, [BIN, 'chat', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin.end(input)
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: child.exitCode, said: stdout + stderr }
  }

  it('says what stdin has, and leaves when it has heard it', async () => {
    await using serving = await Serving.start('mutex', [...CHAT])
    const { code, said } = await run('one\ntwo\n', String(serving.port), '--name', 'Bot')
    expect(said).toMatch(/is now Bot\nBot: one\nBot: two\n$/)
    expect(code).toBe(0)
    expect(await run('/quit\n', String(serving.port))).toMatchObject({ code: 0 })
  })

  it("tells the server's words when it is refused, and fails", async () => {
    await using serving = await Serving.start('race', [...CHAT, '--idle-ms', '300'])
    const child = spawn(process.execPath, [BIN, 'chat', String(serving.port)], { stdio: ['pipe', 'pipe', 'pipe'] })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    expect(stdout).toMatch(/You have sent nothing for 0\.3 seconds, bye!\n$/)
    expect(stderr).toBe('The server has closed the connection.\n')
    expect(child.exitCode).toBe(1)
  })

  it('fails where nothing answers, and for what it does not understand', async () => {
    expect(await run('', '127.0.0.1:1')).toEqual({ code: 1, said: expect.stringContaining('(ECONNREFUSED)') })
    expect(await run('', 'a:b:c')).toEqual({ code: 3, said: expect.stringContaining('is no address') })
    expect(await run('', '--log', '/no/such/folder/log')).toEqual({ code: 3, said: expect.stringContaining('--log') })
  })
})

describe('switchyard bots', { timeout: 30_000 }, () => {
  it.each(['mutex', 'reactor'])('accounts for every line, with %s', async (pattern) => {
    await using serving = await Serving.start(pattern, [...CHAT, '--flood-lines-per-second', '0'])
    const counts = ['--talkers', '3', '--stressers', '27', '--seconds', '1']
    const { code, stdout } = await switchyard('bots', String(serving.port), ...counts, '--json')
    const totals = JSON.parse(stdout)
    expect(totals).toMatchObject({ bots: 30, rooms: 3, unaccounted: 0, failures: {} })
    expect(totals.heard + totals.missed).toBe(totals.sent * 10)
    expect(totals.sent).toBeGreaterThan(100)
    expect(code).toBe(0)
  })

  it('fails when the server goes', async () => {
    await using serving = await Serving.start('reactor', [...CHAT])
    const ran = switchyard('bots', String(serving.port), '--seconds', '2', '--json')
    await serving.said(/listens/)
    await expect.poll(async () => (await peek(serving.port)).includes('bots-'), { timeout: 10_000 }).toBe(true)
    serving.kill('SIGKILL')
    const { code, stdout, stderr } = await ran
    expect(code, stdout + stderr).toBe(1)
  })

  it('refuses to be nobody', async () => {
    const { code, stderr } = await switchyard('bots', '--talkers', '0')
    expect(stderr).toBe('--talkers and --stressers are both 0: nobody would talk.\n')
    expect(code).toBe(3)
  })
})

describe('serve', { timeout: 20_000 }, () => {
  it('speaks TLS with a certificate, and refuses what is none', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ])
    if (made.status !== 0) return expect(made.error).toBeDefined() // No openssl here.
    await using serving = await Serving.start('channel-per-writer', [...CHAT, '--tls-cert', cert, '--tls-key', key])
    const socket = connectTls({
      port: serving.port,
      host: '127.0.0.1',
      ca: readFileSync(cert),
      servername: 'localhost',
    })
    const client = new Talker(socket, (line) => void socket.write(line))
    await client.hears('You joined main')
    client.say('/name Ann', 'hello')
    await client.hears('Ann: hello')
    socket.end()
    await once(socket, 'close')
    await serving[Symbol.asyncDispose]()

    const all = ['--tls-cert', cert, '--tls-key', key, '--tls-port', '0', '--web', '0', '--stats-port', '0']
    await using several = await Serving.start('reactor', [...CHAT, ...all])
    const said = await several.said(/a page at .*\n/)
    const [, tlsPort] = /TLS at 127.0.0.1:(\d+)/.exec(said) ?? []
    const [, web] = /a page at https:\/\/127.0.0.1:(\d+)/.exec(said) ?? []
    const plain = createConnection(several.port, '127.0.0.1')
    const tls = connectTls({
      port: Number(tlsPort),
      host: '127.0.0.1',
      ca: readFileSync(cert),
      servername: 'localhost',
    })
    const page = new WebSocket(`wss://localhost:${web}/chat`, { ca: readFileSync(cert) })
    const talkers = [
      new Talker(plain, (line) => void plain.write(line)),
      new Talker(tls, (line) => void tls.write(line)),
      new Talker(page, (line) => page.send(line), 'message'),
    ]
    await once(page, 'open')
    for (const [index, talker] of talkers.entries()) {
      talker.say(`/name member-${index}`, '/join tea')
      await talker.hears('You joined tea')
    }
    talkers[2]?.say('hello', '/name Web')
    for (const talker of talkers) await talker.hears('member-2: hello')
    for (const talker of talkers) await talker.hears('member-2 is now Web')
    tls.destroy()
    for (const talker of [talkers[0], talkers[2]]) await talker?.hears('member-1 left')
    const metrics = await (await fetch(`${several.stats}/metrics`)).text()
    expect(metrics.match(/^switchyard_chat_\w+(?:\{.*\})? \d+$/gm)).toEqual([
      'switchyard_chat_members{role="client"} 1',
      'switchyard_chat_members{role="web"} 1',
      'switchyard_chat_rooms 1',
      'switchyard_chat_lines_total 1',
      'switchyard_chat_missed_lines_total 0',
    ])
    const logged = several.log.filter(({ msg }) => ['joined', 'left', 'renamed'].includes(String(msg)))
    expect(
      logged
        .filter(({ room, msg }) => room === 'tea' || msg === 'renamed')
        .map(({ msg, name }) => `${String(msg)} ${String(name)}`),
    ).toEqual([
      'renamed member-0',
      'joined member-0',
      'renamed member-1',
      'joined member-1',
      'renamed member-2',
      'joined member-2',
      'renamed Web',
      'left member-1',
    ])
    plain.destroy()
    page.terminate()

    const file = join(folder, 'none.pem')
    writeFileSync(file, 'none')
    const { code, stderr } = await switchyard('serve', 'mutex', '--tls-cert', file, '--tls-key', key)
    expect([code, stderr]).toEqual([3, expect.stringContaining('are no certificate and its key')])
  })

  it('has a page for chat only', async () => {
    const { code, stderr } = await switchyard('serve', 'mutex', '--web', '0')
    expect([code, stderr]).toEqual([3, '--web is a page for --protocol chat, not for router.\n'])
  })
})

/** What `/rooms` says. */
async function peek(port: number): Promise<string> {
  const socket = createConnection(port, '127.0.0.1')
  socket.end('/rooms\n')
  return text(socket)
}
