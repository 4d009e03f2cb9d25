import { EqualMessages } from '@switchyard/harness'
import type { CrowdDialect } from '@switchyard/harness'
import { asked } from './asked.ts'
import { silent } from './silent.ts'

const PONG = '+PONG\r\n'

/** Pub/sub of Redis, in RESP3: there a connection that has subscribed may publish too. */
export const redis: CrowdDialect = {
  routes: true,
  greet: (number) => {
    const answer = asked('HELLO 3\r\nPING\r\n', PONG)
    return {
      says: answer.says,
      hears: (bytes) => {
        const heard = answer.hears(bytes)
        return heard && { ...heard, address: number }
      },
    }
  },
  crowd: (group) => {
    const name = `g${group}`
    const framed = (head: string, messageBytes: number): Buffer =>
      Buffer.concat([
        Buffer.from(`${head}$${name.length}\r\n${name}\r\n$${messageBytes}\r\n`),
        Buffer.alloc(messageBytes, '~'),
        Buffer.from('\r\n'),
      ])
    return {
      // From then on it hears messages, and no answer to what it publishes.
      join: () => asked(`SUBSCRIBE ${name}\r\nCLIENT REPLY OFF\r\n`, ':1\r\n'),
      message: (messageBytes) => framed('*3\r\n$7\r\nPUBLISH\r\n', messageBytes),
      incoming: (messageBytes) => silent(new EqualMessages(framed('>3\r\n$7\r\nmessage\r\n', messageBytes))),
    }
  },
}
