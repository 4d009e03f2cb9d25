import type { Violation } from '@switchyard/sim'
import { dump } from '@switchyard/conformance/portable'
import { nameOf } from '@switchyard/simulated'
import type { RouterLedger } from './ledger.ts'

/** For each sender, how many of its messages have come. */
export type Counts = readonly number[]

/**
 * What is wrong with bytes that are not the next message of anybody to `client`: names the clause by what they look like.
 * A judgement of taste where bodies are alike; that something is wrong is certain.
 */
export function mismatch(ledger: RouterLedger, client: number, counts: Counts, bytes: Uint8Array): Violation {
  const received = `client ${client} received ${dump(bytes)}`
  const messages = ledger.accounts.flatMap(({ index }) => ledger.messagesOf(index))
  const alike = messages.filter((message) => beginsWith(message.bytes, bytes))

  const next = alike.find((message) => message.to === client && message.place === counts[message.from])
  if (next?.fate === 'open' && ledger.account(next.from).cutOff) {
    return { clause: 'R5.1', message: `${received}: ${nameOf(next)}, which is too long` }
  }
  if (next?.fate === 'open' && ledger.account(next.from).delivered >= next.end) {
    const { delivered, processed } = ledger.account(next.from)
    const handled = `of the ${delivered} bytes read of client ${next.from} only ${processed} were handled`
    return { clause: 'R3.4', message: `${received}: ${nameOf(next)}, though ${handled}` }
  }
  if (next?.fate === 'open') {
    return { clause: 'R3.5', message: `${received}: ${nameOf(next)}, whose NUL the server has not read` }
  }
  if (next) {
    return { clause: 'R4.1', message: `${received}: ${nameOf(next)}, decided when client ${client} had left` }
  }
  const later = alike.find((message) => message.to === client && message.place > counts[message.from]!)
  if (later) {
    const expected = ledger.messagesTo(later.from, client)[counts[later.from]!]!
    return { clause: 'R3.2', message: `${received}: ${nameOf(later)}, expected ${nameOf(expected)} before it` }
  }
  const earlier = alike.find((message) => message.to === client)
  if (earlier) return { clause: 'R3.4', message: `${received}: ${nameOf(earlier)}, for the second time` }
  const [others] = alike
  if (others) return { clause: 'R3.1', message: `${received}: ${nameOf(others)}, which is for client ${others.to}` }

  const toClient = messages.filter((message) => message.to === client)
  for (const message of toClient) {
    const common = commonLength(message.bytes, bytes)
    const rest = bytes.subarray(common)
    const other = common > 0 && toClient.find((each) => each !== message && commonLength(each.bytes, rest) > 0)
    if (other)
      return { clause: 'R3.3', message: `${received}: ${common} bytes of ${nameOf(message)}, then ${nameOf(other)}` }
  }
  const expected = toClient.filter((message) => message.place === counts[message.from]).map(nameOf)
  return { clause: 'R1.4', message: `${received}, expected ${expected.join(' or ') || 'nothing'}` }
}

export function beginsWith(whole: Uint8Array, bytes: Uint8Array): boolean {
  return commonLength(whole, bytes) === bytes.length
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}
