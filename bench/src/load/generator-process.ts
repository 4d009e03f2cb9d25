/** The load generator's process: one load, then it ends. It never outlives the parent that forked it. */
import { dialectOf } from './dialects.ts'
import { generate } from './generator.ts'
import type { Generated, Phases } from './generator.ts'
import type { ToGenerator } from '../process/messages.ts'
import { endWithParent, tellParent } from '../process/parent.ts'

endWithParent()
let go = (): void => {}
const gone = new Promise<void>((resolve) => {
  go = resolve
})
process.on('message', (message: ToGenerator) => {
  switch (message.kind) {
    case 'generate':
      return void run(message).then(
        (generated) => tellParent({ kind: 'generated', generated }),
        (error: Error) => tellParent({ kind: 'failed', why: error.message }),
      )
    case 'go':
      return go()
  }
})

async function run({ port, load, dialect }: Extract<ToGenerator, { kind: 'generate' }>): Promise<Generated> {
  const phases: Phases = {
    async ready() {
      tellParent({ kind: 'ready' })
      await gone
    },
    begun: () => tellParent({ kind: 'begun' }),
    over: () => tellParent({ kind: 'over' }),
  }
  return generate(port, load, phases, await dialectOf(dialect))
}
