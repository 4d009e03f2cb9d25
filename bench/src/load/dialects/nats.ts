import { EqualMessages } from '@switchyard/harness'
import type { CrowdDialect, Greeting, PairDialect } from '@switchyard/harness'
import { asked } from './asked.ts'
import { silent } from './silent.ts'

const PONG = 'PONG\r\n'
const FILL = 0x7e
const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"echo":true}\r\n'

/** Client protocol of NATS: each client subscribes to a subject of its own, and others publish to it. */
export const nats: PairDialect & CrowdDialect = {
  routes: true,
  greet,
  pair: (_from, { address }) => ({
    message: (messageBytes, fill) => framed(`PUB c${address} ${messageBytes}`, messageBytes, fill),
    incoming: (messageBytes, fill) =>
      new EqualMessages(framed(`MSG c${address} 1 ${messageBytes}`, messageBytes, fill)),
  }),
  crowd: (group) => ({
    join: () => asked(`SUB g${group} 2\r\nPING\r\n`, PONG),
    message: (messageBytes) => framed(`PUB g${group} ${messageBytes}`, messageBytes, FILL),
    incoming: (messageBytes) =>
      silent(new EqualMessages(framed(`MSG g${group} 2 ${messageBytes}`, messageBytes, FILL))),
  }),
  keepalive: { question: Buffer.from('PING\r\n'), answer: Buffer.from(PONG) },
}

/** The server informs and answers; once it has answered PING, it has seen the subscription too. */
function greet(number: number): Greeting {
  const answer = asked(`${HELLO}SUB c${number} 1\r\nPING\r\n`, PONG)
  return {
    says: answer.says,
    hears(bytes) {
      const heard = answer.hears(bytes)
      return heard && { ...heard, address: number }
    },
  }
}

function framed(head: string, messageBytes: number, fill: number): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\n`), Buffer.alloc(messageBytes, fill), Buffer.from('\r\n')])
}
