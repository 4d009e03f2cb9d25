import { EqualMessages } from '@switchyard/harness'
import type { CrowdDialect } from '@switchyard/harness'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { asked } from './asked.ts'
import { silent } from './silent.ts'

/** Fan-out's yardstick: a group is named by the first bytes of a connection, and what comes after them is nobody's business. */
export const crowdRelay: CrowdDialect = {
  greet: (number) => ROUTER.dialect.greet(number),
  routes: false,
  crowd: (group) => {
    const name = `group ${group}`
    const message = (messageBytes: number): Buffer => Buffer.alloc(messageBytes, '~')
    return {
      join: () => asked(name, name),
      message,
      incoming: (messageBytes) => silent(new EqualMessages(message(messageBytes))),
    }
  },
}
