/** C6: floods, idling, and the end of the server. */
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { familiar, member } from './steps.ts'
import type { Case } from './steps.ts'

const IDLE_MS = 2_000
/** How many times as long a server may take. */
const ROUNDED = 4
const FLOODING = 'You are too fast: your lines are dropped until you pause'
const FLOOD_OPTIONS = { floodLinesMax: 6, floodLinesPerSecond: 1 }
const FLOOD_LINES = 20

export const LIMITS: readonly Case[] = [
  {
    id: 'C6.1-flood-told-once',
    clause: 'C6.1',
    name: 'lines that come too fast are dropped: their sender is told once, and how many when it has paused',
    needs: ['wire', 'limits'],
    options: FLOOD_OPTIONS,
    async run(context) {
      const ann = await member(context, 'c61-ann', 'c61')
      const bob = await member(context, 'c61-bob', 'c61')
      await ann.readUntil('c61-bob joined')
      await context.pass(10_000)
      await ann.say(...Array.from({ length: FLOOD_LINES }, (_, index) => `line ${index}`))
      let said = 0
      for (let line = await ann.line(); line !== FLOODING; line = await ann.line()) {
        expectSame('a line before the flood is told', `c61-ann: line ${said++}`, line)
      }
      expectTrue(said >= FLOOD_OPTIONS.floodLinesMax, `only ${said} lines were let in at once`)
      await context.pass(10_000)
      await ann.say('after')
      const told = await ann.line()
      const dropped = /^(\d+) of your lines were dropped$/.exec(told)?.[1]
      expectSame(`lines that "${told}" tells of`, FLOOD_LINES - said, Number(dropped))
      await ann.expectLines('c61-ann: after')
      for (let index = 0; index < said; index++) await bob.expectLines(`c61-ann: line ${index}`)
      await bob.expectLines('c61-ann: after')
    },
  },
  {
    id: 'C6.1-quit-is-never-dropped',
    clause: 'C6.1',
    name: 'commands and lines that are too long count, and /quit is never dropped',
    needs: ['wire', 'limits'],
    options: FLOOD_OPTIONS,
    async run(context) {
      const ann = await member(context, 'c61-eve', 'c61-quit')
      await context.pass(10_000)
      await ann.say(...Array.from({ length: FLOOD_LINES }, (_, index) => (index % 2 ? '/users' : 'x'.repeat(401))))
      let answers = 0
      for (let line = await ann.line(); line !== FLOODING; line = await ann.line()) answers++
      expectTrue(answers < FLOOD_LINES, `all of ${answers} lines that were no speech were let in`)
      await ann.say('/quit')
      await ann.expectClosed('fin')
    },
  },
  {
    id: 'C6.2-idle-is-closed',
    clause: 'C6.2',
    name: 'a member that has sent nothing for too long is told so and closed, and nobody else is',
    needs: ['wire', 'limits'],
    options: { idleMs: IDLE_MS },
    async run(context) {
      const [ann, bob] = await familiar(context, 'c62', 'c62-ann', 'c62-bob')
      await context.pass(0.6 * IDLE_MS)
      await ann.say('awake')
      await bob.expectLines('c62-ann: awake')
      await context.within(ROUNDED * IDLE_MS, 'the end of an idle member', bob.closed())
      await bob.expectLines('You have sent nothing for 2 seconds, bye!')
      await bob.expectClosed('fin')
    },
  },
  {
    id: 'C6.2-each-by-its-own-time',
    clause: 'C6.2',
    name: 'whoever sends something in time stays',
    needs: ['wire', 'limits'],
    options: { idleMs: IDLE_MS },
    async run(context) {
      const [ann, bob] = await familiar(context, 'c62b', 'c62-eve', 'c62-dan')
      for (let count = 0; count < 3; count++) {
        await context.pass(0.6 * IDLE_MS)
        await ann.say(`${count}`)
      }
      await ann.expectLines('c62-eve: 0', 'c62-dan left', 'c62-eve: 1', 'c62-eve: 2')
      await bob.readUntil('You have sent nothing for 2 seconds, bye!')
      await bob.expectClosed('fin')
    },
  },
  {
    id: 'C6.3-farewell',
    clause: 'C6.3',
    name: 'a server that shuts down says so to everybody, and not who leaves after it',
    needs: ['wire', 'signal'],
    async run(context) {
      const [ann, bob] = await familiar(context, 'c63', 'c63-ann', 'c63-bob')
      await ann.say('last')
      for (const client of [ann, bob]) await client.expectLines('c63-ann: last')
      const ended = context.shutdown()
      for (const client of [ann, bob]) {
        await client.expectLines('Server is shutting down, bye!')
        await client.expectClosed('fin')
        client.end()
      }
      await ended
    },
  },
]
