/** A yardstick in a process of its own: `startServer` forks this file as it forks a pattern's. The argument `crowd` asks for that of fan-out. */
import { Statistics } from '@switchyard/core'
import { hostAny } from '@switchyard/harness'
import { crowdYardstick } from './crowd-yardstick.ts'
import { yardstick } from './yardstick.ts'

await hostAny(async () => {
  const listener = process.argv.includes('crowd') ? crowdYardstick() : yardstick()
  const nothing = { input: 0, chunks: 0, channels: 0, mailboxes: 0, queues: 0, sockets: 0 }
  await new Promise<void>((resolve) => void listener.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve))
  return {
    listener,
    statistics: () => new Statistics().snapshot(0, nothing),
    waits: () => 'nobody waits',
    shutdown: async () => {},
  }
})
