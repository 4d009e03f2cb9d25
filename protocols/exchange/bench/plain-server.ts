// What most people would write: `net`, nodejs-order-book, and a `socket.write` for each message. No journal, no accounts, no streams; the
// same packets. `traders.ts` trades on it as it does on an exchange. Prints its port.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { OrderBook, Side } from 'nodejs-order-book'
import { liveClock } from '@switchyard/core'
import { BUY_LETTER, ENTER_BYTES, ENTER_FIELDS, LOGIN_BYTES, SEQUENCED_HEADER } from './wire.ts'

const ACCEPTED_BYTES = 66
const EXECUTED_BYTES = 40
const DAY_MS = 86_400_000

const book = new OrderBook()
const owners = new Map<string, Socket>()
let [number, match] = [0, 0]

createServer({ noDelay: true }, (socket) => {
  let input = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    input = input.length === 0 ? chunk : Buffer.concat([input, chunk])
    let at = 0
    while (input.length - at >= 2 && input.length - at >= 2 + input.readUInt16BE(at)) {
      const length = input.readUInt16BE(at)
      if (length === LOGIN_BYTES) socket.write(loginAccepted())
      else if (length === 1 + ENTER_BYTES) enter(socket, input.subarray(at + 3, at + 2 + length))
      at += 2 + length
    }
    input = input.subarray(at)
  })
}).listen(0, '127.0.0.1', function listening(this: { address(): AddressInfo | string | null }) {
  const address = this.address()
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
})

function enter(socket: Socket, order: Buffer): void {
  const token = order.toString('latin1', ENTER_FIELDS.token, ENTER_FIELDS.side)
  const shares = order.readUInt32BE(ENTER_FIELDS.shares)
  const price = order.readUInt32BE(ENTER_FIELDS.price)
  const accepted = message(ACCEPTED_BYTES, 'A')
  order.copy(accepted, SEQUENCED_HEADER + 9, 1, 41)
  accepted.writeBigUInt64BE(BigInt(++number), SEQUENCED_HEADER + 49)
  socket.write(accepted)
  owners.set(token, socket)
  const side = order[ENTER_FIELDS.side] === BUY_LETTER ? Side.BUY : Side.SELL
  const { done, partial, partialQuantityProcessed } = book.limit({ side, id: token, size: shares, price })
  const made = done.filter(({ id }) => id !== token)
  if (made.length === 0 && !partial) return
  match++
  for (const maker of made) {
    tell(maker.id, maker.size)
    owners.delete(maker.id)
  }
  if (partial && partial.id !== token) tell(partial.id, partialQuantityProcessed)

  /** All orders of this load have one price. */
  function tell(maker: string, quantity: number): void {
    executed(owners.get(maker), maker, quantity, price, 'A')
    executed(socket, token, quantity, price, 'R')
  }
}

function executed(to: Socket | undefined, token: string, shares: number, price: number, liquidity: string): void {
  const told = message(EXECUTED_BYTES, 'E')
  told.write(token, SEQUENCED_HEADER + 9, 'latin1')
  told.writeUInt32BE(shares, SEQUENCED_HEADER + 23)
  told.writeUInt32BE(price, SEQUENCED_HEADER + 27)
  told.write(liquidity, SEQUENCED_HEADER + 31, 'latin1')
  told.writeBigUInt64BE(BigInt(match), SEQUENCED_HEADER + 32)
  to?.write(told)
}

function message(bytes: number, type: string): Buffer {
  const packet = Buffer.alloc(SEQUENCED_HEADER + bytes)
  packet.writeUInt16BE(1 + bytes, 0)
  packet.write(`S${type}`, 2, 'latin1')
  packet.writeBigUInt64BE(BigInt(Math.round((liveClock.now() % DAY_MS) * 1e6)), SEQUENCED_HEADER + 1)
  return packet
}

function loginAccepted(): Buffer {
  const text = `A${'1'.padStart(10)}${'1'.padStart(20)}`
  const packet = Buffer.alloc(2 + text.length)
  packet.writeUInt16BE(text.length, 0)
  packet.write(text, 2, 'latin1')
  return packet
}
