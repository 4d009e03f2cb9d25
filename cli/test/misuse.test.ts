import { createServer } from 'node:net'
import { once } from 'node:events'
import { listen, portOf } from '@switchyard/core/tcp'
import { describe, expect, it } from 'vitest'
import { Serving, switchyard, unread } from './switchyard.ts'

describe('help', () => {
  it.each([[], ['serve'], ['verify'], ['compare'], ['stress']])(
    '%s says what it does, with examples',
    async (...command) => {
      const { code, stdout, stderr } = await switchyard(...command, '--help')
      expect(stdout).toContain('Usage: switchyard')
      expect(stdout).toContain('Examples:')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )
})

it('whoever reads may stop reading: the command ends as it would have', async () => {
  expect(await unread('serve', '--help')).toEqual({ code: 0, stderr: '' })
})

describe('misuse is exit code 3 and a sentence', () => {
  it.each([
    [['serve', 'mutx'], 'There is no pattern "mutx". Did you mean "mutex"?'],
    [['verify', 'reacter'], 'Did you mean "reactor"?'],
    [['verify', 'xyz'], 'There is no pattern "xyz". There are: mutex, channels'],
    [['verify', 'mutex', '--connect', 'localhost:1'], 'Judge either patterns by name, or'],
    [['verify', '--connect', 'nowhere'], '--connect is "nowhere": it must be host:port'],
    [['verify', '--connect', 'localhost:70000'], 'it must be host:port'],
    [['verify', '--exec', ' '], '--exec is empty'],
    [['verify', '--profile', 'simple'], "'simple' is invalid"],
    [['verify', '--case', 'R1.3-empty-boby'], 'Did you mean "R1.3-empty-body"?'],
    [['serve', 'mutex', '--port', '70000'], '--port is "70000": it must be a whole number from 0 to 65535.'],
    [['serve', 'mutex', '--message-bytes-max', '0'], '--message-bytes-max is "0": it must be a whole number from 1 to'],
    [['serve', 'mutex', '--queued-bytes-max', '2000'], 'it must be at least --message-bytes-max'],
    [['serve', 'mutex', '--grace-ms', 'soon'], '--grace-ms is "soon": it must be a whole number from 1 to'],
    [['serve', 'mutex', '--held-bytes-max', '1M'], '--held-bytes-max is "1M": it must be a whole number from 1024 to'],
    [['serve', 'mutex', '--port', '7e3'], '--port is "7e3": it must be a whole number'],
    [['serve', 'mutex', '--host', ''], '--host is empty: it must be an address'],
    [['serve', 'mutex', '--stats-port', '0', '--stats-host', ' '], '--stats-host is empty'],
    [['serve', 'mutex', '--stats-host', '127.0.0.1'], 'there are none without --stats-port'],
    [['replay', 'sim1:x', '--times', '1e1'], '--times is "1e1": it must be a whole number from 1.'],
    [['replay', 'sim1:x', '--svg', '/no/such/folder/x.svg'], "Can't write /no/such/folder/x.svg"],
    [['explain', 'mutex', '--svg', '/no/such/folder/x.svg'], "Can't write /no/such/folder/x.svg"],
    [['compare', '--report', '/dev/null/report'], "Can't write /dev/null/report"],
    [['stress', 'mutx'], 'Did you mean "mutex"?'],
    [['stress', '--guarantee', 'G99'], '--guarantee is "G99": it must be one or more of G1, G2'],
    [['stress', '--short', '--guarantee', 'G2'], 'choose either that or --guarantee'],
    [['serve'], "missing required argument 'pattern'"],
    [['sirve'], "unknown command 'sirve'"],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await switchyard(...args)
    expect(stderr).toContain(sentence)
    expect(stderr).not.toMatch(/^ +at /m)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })
})

it('one port for clients and statistics is misuse, not another program', async () => {
  await using chosen = createServer().listen(0, '127.0.0.1')
  await once(chosen, 'listening')
  const port = `${portOf(chosen)}`
  await chosen[Symbol.asyncDispose]() // It is free now.
  const { code, stderr } = await switchyard('serve', 'mutex', '--port', port, '--stats-port', port)
  expect(stderr).toBe(`--port and --stats-port are both ${port}: choose two; 0 is any free one.\n`)
  expect(code).toBe(3)
})

it('--version says which one, on what', async () => {
  const { code, stdout } = await switchyard('--version')
  expect(stdout).toBe(`switchyard 0.1.0, Node ${process.versions.node}, ${process.platform} ${process.arch}\n`)
  expect(code).toBe(0)
})

describe('what cannot be done is exit code 1 and a sentence', () => {
  it('a port in use', async () => {
    await using blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { code, stderr } = await switchyard('serve', 'mutex', '--port', `${portOf(blocker)}`)
    expect(stderr).toContain(
      `Port ${portOf(blocker)} on 127.0.0.1 is in use by another program. Choose one with --port`,
    )
    expect(code).toBe(1)
  })

  it('a host that this machine does not have', async () => {
    const { code, stderr } = await switchyard('serve', 'mutex', '--host', '192.0.2.1', '--port', '0')
    expect(stderr).toContain('This machine has no address "192.0.2.1"')
    expect(code).toBe(1)
  })
})

describe('verify, where there is no server to judge', () => {
  it('nobody listens: undecided, exit code 2', async () => {
    const listener = await listen()
    const port = portOf(listener)
    listener.close()
    const { code, stdout } = await switchyard('verify', '--connect', `127.0.0.1:${port}`)
    expect(stdout).toMatch(/undecided/)
    expect(code).toBe(2)
  })

  it('a command that ends at once: undecided, exit code 2, with its last words', async () => {
    const { code, stdout } = await switchyard('verify', '--exec', 'echo no such luck >&2; exit 7')
    expect(stdout).toMatch(/no such luck/)
    expect(code).toBe(2)
  })

  it('a server that closes every connection: failed, exit code 1', async () => {
    await using server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { code, stdout } = await switchyard('verify', '--connect', `127.0.0.1:${portOf(server)}`)
    expect(stdout).toMatch(/failed\. .*clos/)
    expect(code).toBe(1)
  })

  it('a server that never answers: failed, exit code 1', async () => {
    const sockets: { destroy(): void }[] = []
    const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { code, stdout } = await switchyard('verify', '--connect', `127.0.0.1:${portOf(server)}`)
    expect(stdout).toMatch(/failed\. .*(id|answer)/)
    expect(code).toBe(1)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})

describe('loads, where the suite has no dialect', () => {
  it.each([['stress'], ['bench']])('%s: undecided, exit code 2, and a sentence', async (command) => {
    const { code, stdout, stderr } = await switchyard(command, 'mutex', '--protocol', 'epmd')
    expect(stderr).toBe("The suite of epmd has no dialect: its servers can't be put under load.\n")
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('serve', () => {
  it('says where it is as a URL has it, where the address has colons', async () => {
    await using serving = await Serving.start('reactor', ['--host', '::1', '--stats-host', '::1', '--stats-port', '0'])
    expect((await fetch(`${serving.stats}/health`)).status).toBe(200)
    expect(await serving.said(/statistics/)).toMatch(
      /listens on \[::1\]:\d+ .*this machine only\nstatistics at http:\/\/\[::1\]:/,
    )
  })

  it('says where it listens, tells what it holds on SIGUSR2, and ends on SIGTERM with exit code 0', async () => {
    await using serving = await Serving.start('reactor')
    serving.kill('SIGUSR2')
    const said = await serving.said(/nobody waits/)
    expect(said).toMatch(/reactor listens on 127\.0\.0\.1:\d+ \(pid \d+\)/)
    expect(said).toContain('"accepted": 0')
    serving.kill('SIGTERM')
    expect(await serving.ended()).toBe(0)
    expect(await serving.said(/0 connections served/)).toContain('SIGTERM: shutting down')
  })

  it('ends on SIGINT too', async () => {
    await using serving = await Serving.start('mutex')
    serving.kill('SIGINT')
    expect(await serving.ended()).toBe(0)
  })

  it('takes limits from the environment', async () => {
    const { code, stderr } = await switchyard('serve', 'mutex', '--port', 'x')
    expect({ code, stderr }).toMatchObject({ code: 3 })
    await using serving = await Serving.start('plain', [], { SWITCHYARD_CONNECTIONS_MAX: '7' })
    serving.kill('SIGTERM')
    expect(await serving.ended()).toBe(0)
    await expect(Serving.start('plain', [], { SWITCHYARD_CONNECTIONS_MAX: 'many' })).rejects.toThrow(
      '--connections-max is "many"',
    )
    const empty = { SWITCHYARD_LINGER_MS: '', SWITCHYARD_LOG_LEVEL: '', SWITCHYARD_STATS_PORT: '' }
    await using unmoved = await Serving.start('plain', [], empty)
    expect(unmoved.port).toBeGreaterThan(0)
  })
})
