/** `switchyard serve` as somebody operates it: statistics over HTTP, metrics, the log. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { text } from 'node:stream/consumers'
import { Client, message } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import { METRICS } from '../src/operating/metrics.ts'
import { Sparing } from '../src/operating/sparing.ts'
import { PATHS } from '../src/operating/stats-server.ts'
import { PATTERNS, VARIANTS } from '../src/patterns.ts'
import { BIN, Serving, switchyard } from './switchyard.ts'

const STATS = ['--stats-port', '0'] as const

async function clientOf({ port }: Serving, name = 'client'): Promise<Client> {
  const socket: Socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  const client = new Client(name, socket)
  await client.admitted()
  return client
}

async function get(
  serving: Serving,
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string; body: string }> {
  const response = await fetch(`${serving.stats}${path}`, { method })
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() }
}

/** The value of each sample of ours, by its name and labels as Prometheus writes them. */
async function scrape(serving: Serving): Promise<ReadonlyMap<string, number>> {
  const { body } = await get(serving, '/metrics')
  return new Map(
    Array.from(body.matchAll(/^(switchyard_\S+) (\S+)$/gm), ([, name = '', value]) => [name, Number(value)]),
  )
}

describe('the metrics agree with what the clients count', () => {
  it.each([...PATTERNS, ...VARIANTS.slice(0, 1)].map(({ pattern }) => pattern.name))('%s', async (name) => {
    await using serving = await Serving.start(name, [
      ...STATS,
      '--message-bytes-max',
      '2000',
      '--queued-bytes-max',
      '4000',
    ])
    const [alice, bob, gone] = [await clientOf(serving), await clientOf(serving), await clientOf(serving)]
    const bodies = Array.from({ length: 300 }, (_, i) => 'x'.repeat(i % 100))
    for (const body of bodies) await alice.sendMessage(bob, body)
    for (const body of bodies) await bob.expect(body)
    gone.end()
    await gone.closed()
    gone.destroy()
    for (let i = 0; i < 7; i++) await alice.sendMessage(gone, 'nobody')
    await alice.sendMessage(alice, 'the last one')
    await alice.expect('the last one')
    const rude = await clientOf(serving)
    rude.send(message(1, 'y'.repeat(2_100))).catch(() => {}) // It is cut off in the middle.
    await rude.closed()
    const sample = await scrape(serving)
    const greetings = 4
    const sentBytes = alice.bytesSent + bob.bytesSent + gone.bytesSent
    expect(Object.fromEntries(sample)).toMatchObject({
      [`switchyard_info{pattern="${name}"}`]: 1,
      switchyard_connections_open: 2,
      switchyard_connections_accepted_total: greetings,
      'switchyard_connections_closed_total{reason="client-fin"}': 1,
      'switchyard_connections_closed_total{reason="message-too-long"}': 1,
      'switchyard_connections_closed_total{reason="reset"}': 0,
      switchyard_decided_messages_total: greetings + bodies.length + 7 + 1,
      switchyard_dropped_messages_total: 7,
      'switchyard_dropped_bytes_total{reason="not-connected"}': 7 * 'nobody\0'.length,
      switchyard_sent_bytes_total: alice.bytesReceived + bob.bytesReceived + gone.bytesReceived + rude.bytesReceived,
      switchyard_deadlocks: 0,
      switchyard_shutting_down: 0,
    })
    expect(sample.get('switchyard_received_bytes_total')).toBeGreaterThanOrEqual(sentBytes + 2_000)
    expect(sample.get('switchyard_received_bytes_total')).toBeLessThanOrEqual(sentBytes + 2_105)
    for (const client of [alice, bob, rude]) client.destroy()
  })
})

describe('what is told over HTTP', () => {
  it('as JSON, with the last closes and the wait-for graph beside it', async () => {
    await using serving = await Serving.start('reactor', STATS)
    const client = await clientOf(serving)
    client.end()
    await client.closed()
    const stats = await get(serving, '/')
    expect(stats).toMatchObject({ status: 200, type: 'application/json' })
    expect(JSON.parse(stats.body)).toMatchObject({
      pattern: 'reactor',
      state: 'serving',
      limits: { writeDeadlineMs: 10_000 },
      statistics: { connections: { accepted: 1 }, bytesOut: 4 },
      waiting: 0,
      deadlocks: 0,
    })
    expect((await get(serving, '/stats')).status).toBe(200)
    await expect
      .poll(async () => JSON.parse((await get(serving, '/closes')).body))
      .toMatchObject([{ client: 1, reason: 'client-fin', bytesIn: 0, bytesOut: 4 }])
    expect(await get(serving, '/waits')).toMatchObject({ status: 200, body: 'nobody waits\n' })
    expect((await get(serving, '/metrics')).body).toContain('nodejs_eventloop_lag_seconds')
    client.destroy()
  })

  it('who waits for whom, and how many', async () => {
    await using serving = await Serving.start('mutex', [...STATS, '--write-deadline-ms', '60000'])
    const [sender, stalled] = [await clientOf(serving, 'sender'), await clientOf(serving, 'stalled')]
    stalled.pause()
    void sender.flood(Array.from({ length: 400 }, () => message(stalled.id, 'x'.repeat(60_000))))
    await expect.poll(async () => (await get(serving, '/waits')).body).toContain('waits for client 2 to read')
    expect((await scrape(serving)).get('switchyard_waits')).toBeGreaterThan(0)
    for (const client of [sender, stalled]) client.destroy()
  })

  it('health: 200 while it serves, 503 while it shuts down', async () => {
    await using serving = await Serving.start('reactor', [...STATS, '--linger-ms', '30000', '--grace-ms', '30000'])
    const client = await clientOf(serving)
    expect((await get(serving, '/health')).status).toBe(200)
    serving.kill('SIGTERM')
    await serving.said(/SIGTERM: shutting down/)
    expect(await get(serving, '/health')).toMatchObject({ status: 503, body: '{\n  "state": "shutting-down"\n}\n' })
    expect((await scrape(serving)).get('switchyard_shutting_down')).toBe(1)
    client.end() // Its FIN is all that the server waits for.
    expect(await serving.ended()).toBe(0)
    client.destroy()
  })

  it('nothing else, and nothing can be changed', async () => {
    await using serving = await Serving.start('reactor', STATS)
    expect(await get(serving, '/statistics')).toMatchObject({ status: 404, body: expect.stringContaining('/metrics') })
    const post = await fetch(`${serving.stats}/stats`, { method: 'POST', body: 'x' })
    expect({ status: post.status, allow: post.headers.get('allow') }).toEqual({ status: 405, allow: 'GET, HEAD' })
    expect(await get(serving, '/stats', 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it('once for each connection, however many requests come on it, and it counts them', async () => {
    await using serving = await Serving.start('reactor', STATS)
    const greedy = connect(Number(new URL(serving.stats).port), '127.0.0.1')
    greedy.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
    const answers = await text(greedy)
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    expect(answers).toMatch(/\r\nConnection: close\r\n/i)
    const sample = await scrape(serving)
    expect(sample.get('switchyard_stats_requests_total{status="200"}')).toBe(1)
    expect(sample.get('switchyard_stats_seconds_total')).toBeGreaterThan(0)
  })

  it('however many silent connections there are: the oldest make room', async () => {
    await using serving = await Serving.start('reactor', STATS)
    const port = Number(new URL(serving.stats).port)
    const silent = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const response = await fetch(`${serving.stats}/metrics`, { signal: AbortSignal.timeout(3_000) })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('switchyard_stats_connections_cut_total 13')
    await Promise.all(silent.map(async (socket) => socket.closed || once(socket.resume(), 'close'))) // The others by their deadline.
  }, 20_000)

  it.each([
    ['127.0.0.1:1', 200],
    ['[::1]:80', 200],
    ['10.1.2.3', 200],
    ['LocalHost:9090', 200],
    ['localhost.:9090', 200],
    ['evil.example:9090', 421],
    ['localhost.evil.example', 421],
    ['evil.example', 200, 'http://localhost:9090'],
    ['localhost', 421, 'http://evil.example'],
  ])('to who calls it by an address or its name: %s, %i %s', async (host, status, before = '') => {
    await using serving = await Serving.start('reactor', STATS)
    const socket = connect(Number(new URL(serving.stats).port), '127.0.0.1')
    socket.write(`GET ${before}/health HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('on loopback unless told otherwise, and it says so', async () => {
    await using own = await Serving.start('reactor', STATS)
    expect(await own.said(/statistics/)).toMatch(
      /reactor listens on 127\.0\.0\.1:\d+ \(pid \d+\), for this machine only\nstatistics at http:\/\/127\.0\.0\.1:\d+\/, for this machine only/,
    )
    await using open = await Serving.start('reactor', [...STATS, '--host', '0.0.0.0'])
    expect(await open.said(/statistics/)).toMatch(
      /0\.0\.0\.0:\d+ \(pid \d+\), for whoever can reach this machine\nstatistics at http:\/\/127\.0\.0\.1:/,
    )
  })

  it('a port in use is exit code 1 and a sentence that names the option', async () => {
    await using blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const port = `${portOf(blocker)}`
    const { code, stdout, stderr } = await switchyard('serve', 'mutex', '--port', '0', '--stats-port', port)
    expect(stderr).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program. Choose one with --stats-port; 0 is any free one.\n`,
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const other = await switchyard('serve', 'mutex', '--stats-port', '0', '--port', port)
    expect(other.stderr).toContain('Choose one with --port;')
    expect(other.code).toBe(1)
  })

  it.each([
    [['--stats-port', '70000'], '--stats-port is "70000": it must be a whole number from 0 to 65535.'],
    [['--log-level', 'loud'], 'Allowed choices are debug, info, warn, error, silent'],
  ])('%j is misuse', async (args, sentence) => {
    const { code, stderr } = await switchyard('serve', 'mutex', '--port', '0', ...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(3)
  })
})

describe('the log', () => {
  it('has a line for each connection at debug, and none for a message', async () => {
    await using serving = await Serving.start('reactor', ['--log-level', 'debug'])
    const client = await clientOf(serving)
    for (let i = 0; i < 500; i++) await client.sendMessage(client, 'to myself')
    for (let i = 0; i < 500; i++) await client.expect('to myself')
    client.end()
    await client.closed()
    await expect.poll(() => serving.log.length).toBe(3)
    serving.kill('SIGTERM')
    expect(await serving.ended()).toBe(0)
    expect(serving.log.map(({ level, msg }) => `${String(level)} ${String(msg)}`)).toEqual([
      'info listening',
      'debug connection opened',
      'debug connection closed',
      'info shutting down',
      'info ended',
    ])
    expect(serving.log[2]).toMatchObject({ client: 1, reason: 'client-fin', bytesIn: 500 * 14, bytesOut: 4 + 500 * 10 })
    expect(serving.log[1]?.['peer']).toMatch(/^127\.0\.0\.1:\d+$/)
    client.destroy()
  })

  it('warns of limits and refusals at its default level, and says nothing of what is ordinary', async () => {
    await using serving = await Serving.start('reactor', ['--message-bytes-max', '10', '--connections-max', '1'])
    const client = await clientOf(serving)
    const refused = connect(serving.port, '127.0.0.1').resume()
    await once(refused, 'close')
    client.send(message(1, 'more than ten bytes')).catch(() => {}) // It is cut off in the middle.
    await client.closed()
    await expect.poll(() => serving.log.length).toBe(3)
    serving.kill('SIGTERM')
    await serving.ended()
    expect(serving.log.map(({ level, msg, reason }) => [level, msg, reason])).toEqual([
      ['info', 'listening', undefined],
      ['warn', 'connection refused: no place, no id, or shutting down', undefined],
      ['warn', 'connection closed', 'message-too-long'],
      ['info', 'shutting down', undefined],
      ['info', 'ended', undefined],
    ])
    client.destroy()
  })

  it('that nobody reads stalls nobody', async () => {
    const args = [BIN, 'serve', 'reactor', '--port', '0', '--stats-port', '0', '--log-level', 'debug']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.pause()
    try {
      let said = ''
      while (!said.includes('statistics')) said += String((await once(child.stdout, 'data'))[0])
      const port = Number(/:(\d+) \(pid/.exec(said)?.[1])
      for (let i = 0; i < 1_500; i++) {
        const socket = connect({ port, host: '127.0.0.1' })
        const [id] = await once(socket, 'data') // So the server still accepts, and answers.
        expect(id).toHaveLength(4)
        socket.destroy()
      }
      child.kill('SIGTERM')
      await once(child, 'exit')
      expect(child.exitCode).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  }, 60_000)

  it('lets a few of one kind through in a second, and counts the others', () => {
    let now = 0
    const sparing = new Sparing(2, () => now)
    expect([1, 2, 3, 4].map(() => sparing.pass('reset'))).toEqual([0, 0, undefined, undefined])
    expect(sparing.pass('refused')).toBe(0)
    now = 999
    expect(sparing.pass('reset')).toBeUndefined()
    now = 1_000
    expect([1, 2, 3].map(() => sparing.pass('reset'))).toEqual([3, 0, undefined])
  })
})

describe('docs/operating.md', () => {
  const page = readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8')

  it('has a row for each metric, and none for any other', async () => {
    const rows = Array.from(
      (await page).matchAll(/^\| `(switchyard_\w+)(?:\{(\w+)\})?` \| (\w+) \| (.*) \|$/gm),
      (row) => row.slice(1),
    )
    expect(rows).toEqual(METRICS.map(({ name, label, kind, help }) => [name, label, kind, help]))
  })

  it('has a row for each path', async () => {
    const rows = Array.from((await page).matchAll(/^\| `(\/\w*)`(?:, `(\/\w+)`)? \|/gm), ([, ...paths]) => paths)
    expect(rows.flat().filter((path) => path !== undefined)).toEqual(PATHS)
  })
})
