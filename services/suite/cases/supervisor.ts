import assert from 'node:assert/strict'
import type { Child, Mailbox, Report, Run, Self, Tree } from '../../src/index.ts'
import type { Library } from '../library.ts'
import { Stage, watch } from './case.ts'
import type { Case } from './case.ts'

/** Services with a mailbox each, under one supervisor. */
class House {
  readonly stage = new Stage()
  readonly reports: Report[] = []
  readonly lost: number[] = []
  readonly library: Library

  constructor(library: Library) {
    this.library = library
  }

  mailbox(name: string, capacity = 1): Mailbox<number> {
    return new this.library.Mailbox<number>({
      name,
      capacity,
      onDeath: 'transfer',
      lost: ({ message }) => this.lost.push(message),
      waits: this.stage.waits,
    })
  }

  service(mailbox: Mailbox<number>, start: (self: Self<number>) => Run | Promise<Run>, stopMs = 1_000): Child {
    return this.library.service({ name: mailbox.name, mailbox, start, stopMs, restart: 'transient' })
  }

  root(...children: readonly Child[]): Child {
    return this.supervisor('root', children)
  }

  supervisor(name: string, children: readonly Child[]): Child {
    return this.library.supervisor({
      name,
      children,
      strategy: 'one-for-one',
      intensity: 3,
      periodMs: 1_000,
      clock: this.stage.clock,
      waits: this.stage.waits,
      report: (report) => this.reports.push(report),
    })
  }

  async start(...children: readonly Child[]): Promise<Tree> {
    const tree = await this.library.start(this.root(...children))
    await this.stage.rest()
    return tree
  }

  /** What was reported of a kind, by the names of the children. */
  reported(kind: Report['kind']): string[] {
    return this.reports.flatMap((report) => (report.kind === kind && 'child' in report ? [report.child] : []))
  }
}

/** Receives for ever, and calls `work` for each message. */
function worker(work: (message: number, self: Self<number>) => unknown): (self: Self<number>) => Run {
  return (self) => async () => {
    for await (const message of self.messages()) await work(message, self)
  }
}

export const SUPERVISOR_CASES: readonly Case[] = [
  {
    id: 'names-differ',
    says: 'two children of one name are refused',
    run(library) {
      const house = new House(library)
      const twins = [house.mailbox('b'), house.mailbox('b')].map((mailbox) =>
        house.service(
          mailbox,
          worker(() => {}),
        ),
      )
      assert.throws(() => house.root(...twins), /two children of "root" have one name: b, b/)
    },
  },
  {
    id: 'limits-checked',
    says: 'a limit, an intensity and a period are at least 0',
    run(library) {
      const house = new House(library)
      const run = worker(() => {})
      for (const bad of [-1, Number.NaN]) {
        assert.throws(() => house.service(house.mailbox('b'), run, bad), /stopMs is (-1|NaN): it must be at least 0/)
        for (const limit of ['intensity', 'periodMs', 'stopMs']) {
          const options = { name: 'root', strategy: 'one-for-one', intensity: 0, periodMs: 0, children: [] } as const
          const make = (): unknown => library.supervisor({ ...options, report: () => {}, [limit]: bad })
          assert.throws(make, RangeError)
        }
      }
    },
  },
  {
    id: 'messages',
    says: 'a service takes its messages in order, until it is told to stop and has had them all',
    async run(library) {
      const house = new House(library)
      const taken: number[] = []
      const mailbox = house.mailbox('b', 3)
      const client = new library.Incarnation('client')
      let go = (): void => {}
      const tree = await house.start(
        house.service(
          mailbox,
          worker(async (message) => {
            if (message === 1) await new Promise<void>((resolve) => (go = resolve))
            taken.push(message)
          }),
        ),
      )
      for (const message of [1, 2, 3]) void mailbox.send(message, client)
      const fourth = mailbox.send(4, client)
      await house.stage.rest()
      const stopped = tree.stop()
      go()
      await stopped
      assert.deepEqual(taken, [1, 2, 3])
      assert.deepEqual(await fourth, { state: 'closed', message: 4 })
      assert.deepEqual(house.lost, [])
      assert.deepEqual(house.reports.at(-1), {
        kind: 'ended',
        supervisor: 'root',
        child: 'b',
        number: 1,
        end: { how: 'returned' },
      })
    },
  },
  {
    id: 'told',
    says: 'what a service waits for by itself ends with its signal',
    async run(library) {
      const house = new House(library)
      let aborted = false
      const tree = await house.start(
        house.service(house.mailbox('b'), ({ incarnation: { signal } }) => () => {
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted = true
              resolve()
            })
          })
        }),
      )
      assert.equal(aborted, false)
      await tree.stop()
      assert.equal(aborted, true)
    },
  },
  {
    id: 'incarnations-numbered',
    says: 'each incarnation has the next number, and starts with a state of its own',
    async run(library) {
      const house = new House(library)
      const mailbox = house.mailbox('b', 5)
      const seen: string[] = []
      const tree = await house.start(
        house.service(mailbox, (self) => {
          let count = 0
          return worker((message) => {
            seen.push(`${self.incarnation.number}: message ${message}, my ${++count}.`)
            if (message === 2) throw new Error('two')
          })(self)
        }),
      )
      const client = new library.Incarnation('client')
      for (const message of [1, 2, 3]) void mailbox.send(message, client)
      await house.stage.rest()
      assert.deepEqual(seen, ['1: message 1, my 1.', '1: message 2, my 2.', '2: message 3, my 1.'])
      assert.deepEqual(house.lost, [2])
      const ended = house.reports.find(({ kind }) => kind === 'ended')
      assert.ok(ended?.kind === 'ended' && ended.end.how === 'failed' && ended.end.error instanceof Error)
      await tree.stop()
    },
  },
  {
    id: 'not-started',
    says: 'a tree that cannot be started rejects with the cause, and its mailboxes are closed',
    async run(library) {
      const house = new House(library)
      const [a, b] = [house.mailbox('a'), house.mailbox('b')]
      const cause = new Error('no disk')
      const root = house.root(
        house.service(
          a,
          worker(() => {}),
        ),
        house.service(b, () => Promise.reject(cause)),
      )
      await assert.rejects(library.start(root), (error: Error) => {
        return error.message === 'root has not started' && error.cause === cause
      })
      assert.deepEqual([a.closed, b.closed], [true, true])
    },
  },
  {
    id: 'failed-start-is-the-cause',
    says: 'a sibling that fails while another one cannot start is not taken for the cause',
    async run(library) {
      const house = new House(library)
      const cause = new Error('no disk')
      let fail!: (error: Error) => void
      const root = house.root(
        house.service(house.mailbox('a'), () => () => Promise.reject(new Error('something else'))),
        house.service(house.mailbox('b'), () => new Promise((_, reject) => (fail = reject))),
      )
      const starting = assert.rejects(library.start(root), (error: Error) => error.cause === cause)
      await house.stage.rest()
      fail(cause)
      await starting
    },
  },
  {
    id: 'ready-in-order',
    says: 'a child is not started before the one in front of it is ready; the graph says who waits for whom',
    async run(library) {
      const house = new House(library)
      const started: string[] = []
      let ready!: (run: Run) => void
      const root = house.root(
        house.service(house.mailbox('a'), () => {
          started.push('a')
          return new Promise((resolve) => (ready = resolve))
        }),
        house.service(house.mailbox('b'), () => {
          started.push('b')
          return async () => {}
        }),
      )
      const tree = library.start(root)
      await house.stage.rest()
      assert.deepEqual(started, ['a'])
      assert.equal(house.stage.waits.render(), 'root waits for a to start')
      ready(async () => {})
      await tree
      await house.stage.rest()
      assert.deepEqual(started, ['a', 'b'])
      assert.deepEqual(house.stage.waits.edges(), [])
    },
  },
  {
    id: 'stop-twice',
    says: 'stopping twice stops once; `await using` stops too',
    async run(library) {
      const house = new House(library)
      const tree = await house.start(
        house.service(
          house.mailbox('b'),
          worker(() => {}),
        ),
      )
      await Promise.all([tree.stop(), tree.stop(), tree[Symbol.asyncDispose]()])
      assert.deepEqual(await tree.ended, { how: 'returned' })
      assert.deepEqual(house.reported('ended'), ['b'])
    },
  },
  {
    id: 'stop-names-whom-it-waits-for',
    says: 'a stop that takes long is in the graph, with whom it waits for',
    async run(library) {
      const house = new House(library)
      const [a, b] = [house.mailbox('a'), house.mailbox('b')]
      const tree = await house.start(
        house.service(a, () => () => new Promise(() => {})),
        house.service(b, (self) => async () => {
          await self.send(a, 1)
          await self.send(a, 2)
        }),
      )
      const stopped = watch(tree.stop())
      await house.stage.rest()
      assert.equal(house.stage.waits.render(), 'root waits for the end of b, which waits for mailbox of a')
      await house.stage.pass(1_000)
      await house.stage.pass(1_000)
      assert.equal('settled' in stopped && house.reported('abandoned').join(), 'b,a')
      assert.deepEqual(await tree.ended, { how: 'returned' })
      assert.deepEqual(house.lost, [1])
      assert.deepEqual(house.stage.waits.edges(), [])
    },
  },
  {
    id: 'stop-in-spite-of-the-directory',
    says: 'stop ends services although the directory still holds their mailboxes, and although nobody waits for a limit',
    async run(library) {
      const house = new House(library)
      const directory = new library.Directory<{ b: number }>(house.stage.waits)
      const b = house.mailbox('b')
      directory.set('b', b)
      const tree = await house.start(
        house.service(
          b,
          worker(() => {}),
          Infinity,
        ),
      )
      void tree.stop()
      await house.stage.pass(1_000_000)
      assert.equal(house.stage.waits.render(), 'nobody waits')
      assert.deepEqual(house.reported('ended'), ['b'])
      assert.equal(directory.get('b'), b)
      const client = new library.Incarnation('client')
      assert.deepEqual(await b.send(1, client), { state: 'closed', message: 1 })
    },
  },
  {
    id: 'stop-in-spite-of-a-cycle',
    says: 'a cycle of full mailboxes is named, and stop ends it without waiting for a limit',
    async run(library) {
      const house = new House(library)
      const [a, b] = [house.mailbox('a'), house.mailbox('b')]
      const tree = await house.start(
        house.service(
          a,
          worker((message, self) => self.send(b, message)),
          Infinity,
        ),
        house.service(
          b,
          worker((message, self) => self.send(a, message)),
          Infinity,
        ),
      )
      const client = new library.Incarnation('client')
      for (const mailbox of [a, b]) void mailbox.send(1, client)
      await house.stage.rest()
      assert.equal(house.stage.waits.render(), 'deadlock: a waits for mailbox of b, which waits for mailbox of a')
      void tree.stop()
      await house.stage.pass(1_000_000)
      assert.equal(house.stage.waits.render(), 'nobody waits')
      assert.deepEqual(house.reported('ended'), ['b', 'a'])
    },
  },
  {
    id: 'forgotten-is-closed',
    says: 'when nobody follows a service, whoever waits for it is told',
    async run(library) {
      const house = new House(library)
      const b = house.mailbox('b', 2)
      const tree = await house.start(
        house.service(b, (self) => async () => {
          await self.receive()
        }),
      )
      const client = new library.Incarnation('client')
      void b.send(1, client)
      void b.send(2, client)
      const third = b.send(3, client)
      assert.deepEqual(await third, { state: 'closed', message: 3 })
      assert.deepEqual(house.lost, [2])
      await tree.stop()
    },
  },
  {
    id: 'given-up-is-closed',
    says: 'a tree that gives up closes every mailbox',
    async run(library) {
      const house = new House(library)
      const [a, b] = [house.mailbox('a'), house.mailbox('b')]
      const tree = await house.start(
        house.service(
          a,
          worker(() => {}),
        ),
        house.supervisor('sub', [
          house.service(
            b,
            worker(() => Promise.reject(new Error('always'))),
          ),
        ]),
      )
      const client = new library.Incarnation('client')
      for (let message = 1; message <= 20; message++) {
        void b.send(message, client)
        await house.stage.rest()
      }
      assert.deepEqual(await tree.ended, { how: 'gave-up' })
      assert.deepEqual([a.closed, b.closed], [true, true])
      assert.deepEqual(await b.send(21, client), { state: 'closed', message: 21 })
    },
  },
  {
    id: 'branch-comes-back',
    says: 'a supervisor that gave up and is restarted finds its mailboxes as they were',
    async run(library) {
      const house = new House(library)
      const b = house.mailbox('b', 10)
      const taken: number[] = []
      const tree = await house.start(
        house.supervisor('sub', [
          house.service(
            b,
            worker((message) => {
              if (message <= 4) throw new Error('always')
              taken.push(message)
            }),
          ),
        ]),
      )
      const client = new library.Incarnation('client')
      for (let message = 1; message <= 6; message++) void b.send(message, client)
      await house.stage.rest()
      assert.deepEqual(house.lost, [1, 2, 3, 4])
      assert.deepEqual(taken, [5, 6])
      await tree.stop()
    },
  },
  {
    id: 'abandoned-below',
    says: 'a supervisor that is abandoned takes everything below it along: nothing is accepted from there',
    async run(library) {
      const house = new House(library)
      const out = house.mailbox('out', 10)
      const states: string[] = []
      let wake = (): void => {}
      const deaf = house.service(
        house.mailbox('deaf'),
        (self) => async () => {
          await new Promise<void>((resolve) => (wake = resolve))
          states.push((await self.send(out, 1)).state)
        },
        Infinity,
      )
      const root = library.supervisor({
        name: 'root',
        strategy: 'one-for-one',
        intensity: 1,
        periodMs: 1_000,
        clock: house.stage.clock,
        report: (report) => house.reports.push(report),
        children: [{ ...house.supervisor('sub', [deaf]), stopMs: 100 }],
      })
      const tree = await library.start(root)
      const stopped = tree.stop()
      await house.stage.pass(100)
      await stopped
      wake()
      await house.stage.rest()
      assert.deepEqual(states, ['stale'])
      assert.deepEqual(house.reported('ended'), ['deaf', 'sub'])
    },
  },
  {
    id: 'late-end',
    says: 'an abandoned service that ends at last is reported, and nobody is restarted for it',
    async run(library) {
      const house = new House(library)
      let end!: (error: Error) => void
      const root = library.supervisor({
        name: 'root',
        strategy: 'one-for-all',
        intensity: 9,
        periodMs: 1_000,
        clock: house.stage.clock,
        report: (report) => house.reports.push(report),
        children: [
          house.service(house.mailbox('a'), ({ incarnation }) => async () => {
            if (incarnation.number === 1) throw new Error('a fails')
            await new Promise((resolve) => incarnation.signal.addEventListener('abort', resolve))
          }),
          house.service(house.mailbox('b'), ({ incarnation: { number, signal } }) => () => {
            if (number > 1) return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
            return new Promise((_, reject) => (end = reject))
          }),
        ],
      })
      const tree = await library.start(root)
      await house.stage.rest()
      await house.stage.pass(1_000)
      assert.deepEqual(house.reported('abandoned'), ['b'])
      const before = house.reports.length
      end(new Error('at last'))
      await house.stage.rest()
      assert.deepEqual(
        house.reports.slice(before).map(({ kind }) => kind),
        ['ended'],
      )
      await tree.stop()
    },
  },
  {
    id: 'turn-between-lives',
    says: 'a service that ends at once lets everything else happen between its lives',
    async run(library) {
      const house = new House(library)
      let lives = 0
      const root = library.supervisor({
        name: 'root',
        strategy: 'one-for-one',
        intensity: Infinity,
        periodMs: 1_000,
        clock: house.stage.clock,
        report: () => {},
        children: [
          library.service({
            name: 'b',
            mailbox: house.mailbox('b'),
            start: () => async () => {
              lives++
            },
          }),
        ],
      })
      const tree = await library.start(root)
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
      assert.equal(lives, 1)
      assert.equal(house.stage.clock.turnPending, true)
      await tree.stop()
      await house.stage.rest()
      assert.equal(lives, 1)
    },
  },
  {
    id: 'stop-before-start',
    says: 'a stop gives back what waits for a service that was never started',
    async run(library) {
      const house = new House(library)
      const [a, b, c] = [house.mailbox('a'), house.mailbox('b'), house.mailbox('c')]
      const root = house.root(
        house.service(a, (self) => async () => {
          await self.send(c, 1)
          await self.send(c, 2)
        }),
        house.service(b, () => new Promise(() => {})),
        house.service(
          c,
          worker(() => {}),
        ),
      )
      const running = root.begin()
      await house.stage.rest()
      running.tell('stop')
      await house.stage.pass(1_000)
      assert.deepEqual(house.reported('abandoned'), ['b'])
      assert.deepEqual(house.reported('ended'), ['a'])
      assert.deepEqual(await running.ended, { how: 'returned' })
      assert.deepEqual(house.lost, [1])
    },
  },
  {
    id: 'no-timer-left',
    says: 'when the tree is over no timer is left: a process can end',
    async run(library) {
      const house = new House(library)
      const tree = await house.start(
        house.service(
          house.mailbox('b'),
          worker(() => {}),
        ),
      )
      await tree.stop()
      assert.equal(house.stage.clock.timerPending, false)
    },
  },
  {
    id: 'restart-of-a-sender',
    says: 'a service that waits for the mailbox of the one that failed is restarted with it, at once',
    async run(library) {
      const house = new House(library)
      const [a, b] = [house.mailbox('a'), house.mailbox('b')]
      const states: string[] = []
      const root = library.supervisor({
        name: 'root',
        strategy: 'one-for-all',
        intensity: 1,
        periodMs: 1_000,
        clock: house.stage.clock,
        report: (report) => house.reports.push(report),
        children: [
          house.service(a, ({ incarnation: { number, signal } }) => async () => {
            await new Promise<void>((resolve, reject) => {
              if (number === 1) fail = reject
              signal.addEventListener('abort', () => resolve())
            })
          }),
          house.service(b, (self) => async () => {
            if (self.incarnation.number > 1) return
            await self.send(a, 1)
            states.push((await self.send(a, 2)).state)
          }),
        ],
      })
      let fail!: (error: Error) => void
      const tree = await library.start(root)
      await house.stage.rest()
      fail(new Error('a fails'))
      await house.stage.rest()
      assert.equal(house.stage.clock.now(), 0)
      assert.deepEqual(states, ['stale'])
      assert.deepEqual(house.reported('started'), ['a', 'b', 'a', 'b'])
      await tree.stop()
    },
  },
]
