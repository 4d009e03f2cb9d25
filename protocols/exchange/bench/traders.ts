// Sessions that trade with each other over TCP, in a process of their own: `node traders.js PORT SESSIONS WINDOW STALLED WARM_MS MEASURE_MS`. Each
// has WINDOW orders under way: one more for each that is accepted; STALLED of them read nothing
// behind their login, and have sent more than any kernel takes the answers of when the measurement begins.
// Prints how many were accepted in the time that is measured, and how long a round of a session's took.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { liveClock } from '@switchyard/core'
import { kernelQueues } from '@switchyard/harness'
import { EXCHANGE, enter, packet } from '../suite/index.ts'
import { ENTER_FIELDS, SEQUENCED_HEADER } from './wire.ts'

const TOKEN_DIGITS = 13
const LOOK_MS = 10
const FLOOD_ORDERS = 100
/** Their answers are 13 MB. */
const UNREAD_ORDERS = 120_000
const READ_BYTES = 64 * 1024

const [port = 0, sessions = 0, window = 0, stalled = 0, warmMs = 0, measureMs = 0] = process.argv.slice(2).map(Number)
let [accepted, tokens, stalling] = [0, 0, stalled]
/** Those that read nothing, and have sent all that they send. */
const unread: Socket[] = []
/** From the orders of a session to its next, ms. */
let latencies: number[] = []
/** All sessions read into this one after the other. */
const buffer = new Uint8Array(READ_BYTES)

for (let session = 1; session <= sessions; session++) trade(session)
liveClock.after(warmMs, measure)

function measure(): void {
  if (stalling > 0 || isBehind()) return void liveClock.after(LOOK_MS, measure)
  process.stdout.write('begun\n')
  latencies = []
  const [before, began] = [accepted, liveClock.now()]
  liveClock.after(measureMs, () => {
    const seconds = (liveClock.now() - began) / 1000
    const sorted = latencies.toSorted((one, other) => one - other)
    const [p50, p99] = [0.5, 0.99].map((share) => sorted[Math.floor(share * sorted.length)])
    process.stdout.write(`${JSON.stringify({ orders: accepted - before, seconds, p50, p99 })}\n`, () => process.exit())
  })
}

/** Whether the server has not read all that those sent who read nothing. */
function isBehind(): boolean {
  const { toServer } = kernelQueues(port) ?? { toServer: new Map<number, number>() }
  return unread.some(({ localPort }) => (toServer.get(localPort ?? 0) ?? 0) > 0)
}

function trade(session: number): void {
  // The others take what these offer.
  const side = session % 2 === 0 ? 'B' : 'S'
  const order = packet('U', enter('T', { side, shares: 1, price: 10_000 }))
  const greeting = EXCHANGE.dialect.greet(session)
  const requests = EXCHANGE.dialect.requests?.()
  if (!requests) throw new TypeError('the exchange has requests')
  const told = requests.incoming()
  let [loggedIn, sentAt] = [false, 0]
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer,
      callback(length) {
        let bytes: Uint8Array = buffer.subarray(0, length)
        if (!loggedIn) {
          const heard = greeting.hears(bytes)
          if (!heard) return true
          loggedIn = true
          if (session <= stalled) {
            flood()
            return false
          }
          send(window)
          bytes = heard.rest
        }
        const before = told.messages
        if (!told.take(bytes)) throw new Error('the server said something strange')
        accepted += told.messages - before
        if (told.messages === before) return true
        latencies.push(liveClock.now() - sentAt)
        send(told.messages - before)
        return true
      },
    },
  })
  socket.on('error', (error) => {
    throw error
  })
  socket.write(greeting.says ?? '')

  function flood(sent = 0): void {
    if (sent < UNREAD_ORDERS) send(FLOOD_ORDERS, () => flood(sent + FLOOD_ORDERS))
    else {
      stalling--
      unread.push(socket)
    }
  }

  function send(count: number, taken?: () => void): void {
    sentAt = liveClock.now()
    const orders = Buffer.alloc(count * order.length, order)
    for (let at = 0; at < orders.length; at += order.length) {
      const token = String(++tokens).padStart(TOKEN_DIGITS, '0')
      orders.write(token, at + SEQUENCED_HEADER + ENTER_FIELDS.token + 1, 'latin1')
    }
    socket.write(orders, taken)
  }
}
