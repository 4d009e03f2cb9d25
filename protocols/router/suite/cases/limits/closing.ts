/** R5.5: how long a server waits for its clients to close. */
import type { Case } from '../../case.ts'
import { expectSame } from '@switchyard/conformance/portable'

export const CLOSING: readonly Case[] = [
  {
    id: 'R5.5-linger-ends',
    clause: 'R5.5',
    name: 'a client that does not close is waited for as long as lingerMs, and no longer',
    needs: ['wire', 'limits', 'signal'],
    limits: { lingerMs: 300, graceMs: 600_000 },
    async run(context) {
      const client = await context.connect('client')
      const ended = context.shutdown()
      await client.expectClosed('fin')
      await context.within(context.limits.lingerMs, 'the end of the shutdown', ended)
    },
  },
  {
    id: 'R5.5-not-before-linger',
    clause: 'R5.5',
    name: 'a client that does not close is not cut off before lingerMs has passed',
    needs: ['wire', 'limits', 'signal', 'statistics'],
    limits: { lingerMs: 5_000, graceMs: 600_000 },
    async run(context) {
      const client = await context.connect('client')
      const ended = context.shutdown()
      await client.expectClosed('fin')
      await context.pass(context.limits.lingerMs - 1)
      expectSame('connections that stand', 1, context.statistics().connections.open)
      await context.within(1, 'the end of the shutdown', ended)
    },
  },
  {
    id: 'R5.5-closed-at-once',
    clause: 'R5.5',
    name: 'a client that closes is not waited for any longer',
    needs: ['wire', 'limits', 'signal'],
    limits: { lingerMs: 600_000, graceMs: 600_000 },
    async run(context) {
      const client = await context.connect('client')
      const ended = context.shutdown()
      await client.expectClosed('fin')
      client.end()
      await ended
    },
  },
  {
    id: 'R5.5-grace-bounds-linger',
    clause: 'R5.5',
    name: 'graceMs bounds a shutdown, whatever lingerMs is',
    needs: ['wire', 'limits', 'signal'],
    limits: { lingerMs: 600_000, graceMs: 400 },
    async run(context) {
      const client = await context.connect('client')
      const ended = context.shutdown()
      await client.expectClosed('fin')
      await context.within(context.limits.graceMs, 'the end of the shutdown', ended)
    },
  },
]
