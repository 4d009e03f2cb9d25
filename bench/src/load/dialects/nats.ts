import { EqualMessages } from '@switchyard/harness'
import type { Greeting, PairDialect } from '@switchyard/harness'

const PONG = 'PONG\r\n'
const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"echo":true}\r\n'

/** Client protocol of NATS: each client subscribes to a subject of its own, and others publish to it. */
export const nats: PairDialect = {
  routes: true,
  greet,
  pair: (_from, { address }) => ({
    message: (messageBytes, fill) => framed(`PUB c${address} ${messageBytes}`, messageBytes, fill),
    incoming: (messageBytes, fill) =>
      new EqualMessages(framed(`MSG c${address} 1 ${messageBytes}`, messageBytes, fill)),
  }),
  keepalive: { question: Buffer.from('PING\r\n'), answer: Buffer.from(PONG) },
}

/** The server informs and answers; once it has answered PING, it has seen the subscription too. */
function greet(number: number): Greeting {
  let heard = ''
  return {
    says: Buffer.from(`${HELLO}SUB c${number} 1\r\nPING\r\n`),
    hears(bytes) {
      heard += Buffer.from(bytes).toString('latin1')
      const at = heard.indexOf(PONG)
      return at === -1 ? undefined : { address: number, rest: Buffer.from(heard.slice(at + PONG.length), 'latin1') }
    },
  }
}

function framed(head: string, messageBytes: number, fill: number): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\n`), Buffer.alloc(messageBytes, fill), Buffer.from('\r\n')])
}
