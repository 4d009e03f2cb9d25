/** `switchyard explain`: a stall that is seen, the schedule that leads there, and what is owed to whom by a server of anybody's. */
import { ROUTER } from '@switchyard/protocols/router/suite'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server as NetServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LIMITS, GUARANTEES } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Router } from '@switchyard/protocols/router'
import { address, inProcess } from '@switchyard/conformance'
import type { Target } from '@switchyard/conformance'
import { declaring } from '@switchyard/simulated'
import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { decodeRun, ScheduleChoices, startOf } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { Debts, scheduleOf, soughtIn, stall, undeclaredOf } from '@switchyard/stress/explain'
import type { Stall } from '@switchyard/stress/explain'
import { EXIT } from '../src/exit.ts'
import { known } from '../src/mutants.ts'
import { PATTERNS } from '../src/patterns.ts'
import { BIN, Serving, switchyard } from './switchyard.ts'

describe('debts', () => {
  it('are what was sent and has not come, since the first of it was sent', () => {
    const debts = new Debts()
    debts.sent(1, 2, 10, 2)
    debts.sent(1, 2, 20)
    debts.sent(3, 2, 30)
    debts.received(1, 2)
    debts.received(1, 2)
    expect(debts.standing()).toEqual([
      { to: 2, from: 1, messages: 1, sinceMs: 20 },
      { to: 2, from: 3, messages: 1, sinceMs: 30 },
    ])
    expect(debts.standing(20).map(({ from }) => from)).toEqual([1])
    debts.received(3, 2)
    debts.received(1, 2)
    expect([debts.standing(), debts.paid]).toEqual([[], 4])
  })

  it('may be paid before the sender knows that it has sent', () => {
    const debts = new Debts()
    debts.received(1, 2)
    debts.sent(1, 2, 10)
    expect(debts.standing()).toEqual([])
  })

  it('end with a connection, on both sides', () => {
    const debts = new Debts()
    debts.sent(1, 2, 10)
    debts.sent(2, 3, 10)
    debts.sent(3, 1, 10)
    debts.forgive(2)
    expect(debts.standing()).toEqual([{ to: 1, from: 3, messages: 1, sinceMs: 10 }])
  })
})

describe('a client does not read, over TCP', () => {
  it('mutex: stuck; the chain ends at that client, unrelated ones are owed, and its reading frees everybody', async () => {
    const { progress, held, inside, owed, after, stalled } = await stallOf(inProcess(ROUTER, known('mutex').pattern))
    expect({ progress, held }).toEqual({ progress: 'stuck', held: true })
    expect(inside?.standstill).toEqual({ state: 'stuck', why: 'unread', clients: [stalled] })
    for (const line of inside?.waits ?? []) {
      expect(line).toMatch(
        /^client \d waits for lock "sockets", held by client [23], which waits for client 1 to read$/,
      )
    }
    expect(owed.map(({ to }) => to)).toEqual(expect.arrayContaining([stalled, 5, 7]))
    expect(after.state).toBe('paid')
  })

  it('reactor: unrelated clients go on, and only those wait that send to it', async () => {
    const { progress, held, inside, owed, after, stalled, senders } = await stallOf(
      inProcess(ROUTER, known('reactor').pattern),
    )
    expect({ progress, held }).toEqual({ progress: 'goes-on', held: true })
    expect(inside?.waits.toSorted()).toEqual(
      senders.map(
        (id) => `client ${id} waits for room in what is queued for client 1, which does not read fast enough`,
      ),
    )
    expect(new Set(owed.map(({ to }) => to))).toEqual(new Set([stalled]))
    expect(after.state).toBe('paid')
  })

  it('plain: nobody is held', async () => {
    const { progress, held } = await stallOf(inProcess(ROUTER, known('plain').pattern))
    expect({ progress, held }).toEqual({ progress: 'goes-on', held: false })
  })

  it('what a server has lost stays owed, although everybody reads again', async () => {
    const { after } = await stallOf(
      inProcess({ create: ({ limits }) => new Forgetful(limits) }, known('reactor').pattern),
    )
    expect(after).toMatchObject({ state: 'owed', owed: [{ to: 1 }, { to: 1 }] })
  })

  it('a server into which nobody can look is judged by what it owes', async () => {
    await using serving = await Serving.start('channels')
    const { progress, inside, owed, after } = await stallOf(address('127.0.0.1', serving.port))
    expect({ progress, inside, state: after.state }).toEqual({ progress: 'stuck', state: 'paid' })
    expect(new Set(owed.map(({ to }) => to)).size).toBe(3)
    for (const { forMs } of owed) expect(forMs).toBeGreaterThan(0)
  })
})

describe('a server cannot be explained that', () => {
  it.each([
    ['says nothing', () => {}, 'the server sent client 1 no id within 2.5 s'],
    ['closes', (socket: Socket) => void socket.destroy(), 'the server closed the connection of client 1 without'],
  ])('%s', async (_, serve, sentence) => {
    await using server = await served(serve)
    await expect(stallOf(address('127.0.0.1', portOf(server)))).rejects.toThrow(sentence)
  })
})

describe('the schedule that leads there', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    '%s: is found, and replays',
    async (_, subject) => {
      const { sought, found } = await scheduleOf(subject, () => {})
      expect(sought.kind).toBe(subject.pattern.guarantees.G2 ? 'held' : 'price')
      expect(found?.size).toBe('plainest')
      const { world, schedule } = decodeRun(found?.replay.split(' ')[0] ?? '', ROUTER_SPEECH)
      const asked = sought.kind === 'price' ? declaring(subject, sought.declared) : subject
      const outcome = await startOf(SIMULATED_ROUTER, asked.pattern)(world, new ScheduleChoices(schedule)).run()
      const events = found?.outcome.events ?? []
      expect(outcome.events.slice(0, events.length)).toEqual(events)
      expect(found?.outcome.waits).toContain('client 0')
      if (sought.kind !== 'price') return
      expect(outcome.events).toHaveLength(events.length)
      expect(sought.declared).toContain(outcome.violation?.clause)
      expect(found?.outcome.violation?.message).toContain('a message of client 2 to client 3')
    },
  )

  it('of a server without a bound leads to more than R5.4 allows; of a mutant, to its fault', async () => {
    const { sought, found } = await scheduleOf(known('plain'), () => {})
    expect([sought.kind, found?.outcome.violation?.clause]).toEqual(['unbounded', 'R5.4'])
    expect(soughtIn(known('same-lock-twice'))).toEqual({ kind: 'fault', clause: 'G1' })
  })
})

describe('another protocol is explained by its own worlds', () => {
  it('what the pattern does not promise is found, and replays when it is asked for', { timeout: 60_000 }, async () => {
    const { sought, found } = await undeclaredOf(SIMULATED_EPMD, known('mutex'), () => {})
    const [line = '', declare, names = ''] = found?.replay.split(' ') ?? []
    expect([sought.kind, declare]).toEqual(['undeclared', '--declare'])
    const { world, schedule } = decodeRun(line, SIMULATED_EPMD.speech)
    const asked = declaring(
      known('mutex'),
      GUARANTEES.filter((guarantee) => names.split(',').includes(guarantee)),
    )
    const outcome = await startOf(SIMULATED_EPMD, asked.pattern)(world, new ScheduleChoices(schedule)).run()
    expect(outcome.violation).toEqual(found?.outcome.violation)
    expect(names.split(',')).toContain(outcome.violation?.clause)
  })

  it('a pattern that promises everything has no price', async () => {
    const everything = declaring(known('reactor'), GUARANTEES)
    const { explored, found } = await undeclaredOf(SIMULATED_EPMD, everything, () => {})
    expect([explored, found]).toEqual([0, null])
  })

  it.each([
    [['explain', 'same-lock-twice', '--protocol', 'epmd'], 'that a clause of the router'],
    [['explain', '--protocol', 'epmd', '--connect', '127.0.0.1:1'], 'only servers with a name can be simulated'],
  ])('%s is misuse', async (args, sentence) => {
    const { code, stderr } = await switchyard(...args)
    expect([code, stderr]).toEqual([EXIT.misuse, expect.stringContaining(sentence)])
  })
})

describe('the command', () => {
  it('says both, and draws the schedule', async () => {
    const picture = join(tmpdir(), `explain-${process.pid}.svg`)
    try {
      const { code, stdout, stderr } = await switchyard('explain', 'channels', '--svg', picture)
      expect(stdout).toContain('channels, over TCP: stuck')
      expect(stdout).toContain('emptied by the dispatcher, which waits for client 1 to read')
      expect(stdout).toContain(
        'stuck: nothing moved between two looks, and the chain of waits ends at client 1 not reading',
      )
      expect(stdout).toMatch(/client 5 is owed \d+ messages by client 4, the first for \d+\.\d s$/m)
      expect(stdout).toMatch(/switchyard replay sim1:channels:\S+ --declare G2,G4$/m)
      expect(stdout).toContain('G2 is violated: client 0 reads nothing')
      expect(await readFile(picture, 'utf8')).toContain('</svg>')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const line = /switchyard (replay .*)$/m.exec(stdout)?.[1]?.split(' ') ?? []
      expect((await switchyard(...line)).stdout).toContain('G4 is violated')
    } finally {
      await rm(picture, { force: true })
    }
  })

  it('a mutant: its fault', async () => {
    const { code, stdout } = await switchyard('explain', 'same-lock-twice', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ stall: {}, schedule: { found: { violation: { clause: 'G1' } } } })
    expect(code).toBe(0)
  })

  it('a server that anybody wrote: what it owes, and whom to suspect', async () => {
    const server = `exec ${process.execPath} ${BIN} serve mutex --port {port}`
    const { code, stdout } = await switchyard('explain', '--exec', server)
    expect(stdout).toContain('over TCP: stuck')
    expect(stdout).not.toContain('who waits for whom')
    expect(stdout).toMatch(/client \d is owed \d+ messages by client \d, the first for \d+\.\d s; it does not read$/m)
    expect(stdout).toMatch(/suspects\n {4}client \d, which does not read/)
    expect(code).toBe(0)
  })

  it('a server that routes nothing is no verdict', async () => {
    await using server = await served((socket) => socket.write('\0\0\0\x01'))
    const { code, stdout } = await switchyard('explain', '--connect', `127.0.0.1:${portOf(server)}`)
    expect(stdout).toContain('between two pairs of clients no message came')
    expect(code).toBe(2)
  })

  it('nobody there is no verdict', async () => {
    const listener = await listen()
    const port = portOf(listener)
    await new Promise((closed) => listener.close(closed))
    const { code, stdout } = await switchyard('explain', '--connect', `127.0.0.1:${port}`)
    expect(stdout).toContain(`nothing answers at 127.0.0.1:${port}`)
    expect(code).toBe(2)
  })

  it.each([
    [['explain'], 'Explain either one server by name, or'],
    [['explain', 'mutex', '--exec', 'x'], 'Explain either one server by name, or'],
    [['explain', 'mutx'], 'Did you mean "mutex"?'],
    [['explain', '--exec', ' '], '--exec is empty'],
    [['explain', '--connect', 'localhost:1', '--svg', 'x'], '--svg draws a schedule'],
    [['replay', 'sim1:x', '--declare', 'G99'], '--declare is "G99": it must be one or more of G1'],
  ])('%j is misuse', async (args, sentence) => {
    const { code, stdout, stderr } = await switchyard(...args)
    expect(stderr).toContain(sentence)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })

  it('has help with examples', async () => {
    const { code, stdout } = await switchyard('explain', '--help')
    expect(stdout).toContain('Examples:')
    expect(code).toBe(0)
  })
})

/** A server that does `serve` to each connection, and reads whatever comes. */
async function served(serve: (socket: Socket) => void): Promise<NetServer> {
  const server = createServer((socket) => {
    socket.on('error', () => {}) // However it ends.
    serve(socket)
    socket.resume()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

async function stallOf(target: Target): Promise<Stall> {
  await using used = target
  const site = await used.open(DEFAULT_LIMITS)
  try {
    return await stall(site, () => {})
  } finally {
    await site.release(true)
  }
}

/** A router that loses a message to client 1 now and then. */
class Forgetful extends Router {
  #sent = 0

  override received(...[client, chunk, out]: Parameters<Router['received']>): void {
    super.received(client, chunk, {
      apart: true,
      send: (to, bytes, start, end) => {
        if (to !== 1 || ++this.#sent % 10 > 0) out.send(to, bytes, start, end)
      },
      abort: (aborted, reason, why) => out.abort(aborted, reason, why),
    })
  }
}
