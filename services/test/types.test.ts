/** A wrong message does not compile: an expected error that is none would fail the type check. */
import { expect, it } from 'vitest'
import { service } from '../src/index.ts'
import type { Directory, Incarnation, Mailbox } from '../src/index.ts'

interface Order {
  readonly dish: string
}

interface Names {
  readonly kitchen: Order
  readonly till: number
}

it('is checked by the compiler which messages a mailbox, a name and a service take', () => {
  expect([wrongMessages, wrongNames, wrongServices]).toHaveLength(3)
})

/** None of these is ever called. */
function wrongMessages(kitchen: Mailbox<Order>, till: Mailbox<number>, guest: Incarnation): void {
  void kitchen.send({ dish: 'soup' }, guest)
  // @ts-expect-error -- a number is no order
  void kitchen.send(1, guest)
  // @ts-expect-error -- who sends must be said
  void till.send(1)
}

function wrongNames(directory: Directory<Names>, kitchen: Mailbox<Order>, guest: Incarnation): void {
  directory.set('kitchen', kitchen)
  // @ts-expect-error -- the till takes numbers
  directory.set('till', kitchen)
  // @ts-expect-error -- there is no such name
  directory.get('garden')
  // @ts-expect-error -- found by its name, the kitchen takes orders
  void directory.get('kitchen')?.send(2, guest)
}

function wrongServices(kitchen: Mailbox<Order>, till: Mailbox<number>): void {
  service({
    name: 'kitchen',
    mailbox: kitchen,
    start: (self) => async () => {
      for await (const order of self.messages()) {
        await self.send(till, order.dish.length)
        // @ts-expect-error -- the till takes numbers
        await self.send(till, order)
        // @ts-expect-error -- the kitchen takes orders
        await self.send(kitchen, order.dish.length)
      }
    },
  })
}
