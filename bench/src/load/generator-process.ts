/** The load generator's process: one load, then it ends. It never outlives the parent that forked it. */
import { endWithParent, tellParent } from '@switchyard/harness'
import { crowdDialectOf, dialectOf } from './dialects.ts'
import { fanOut } from './fan-out.ts'
import { generate } from './generator.ts'
import type { Generated, Phases } from './generator.ts'
import type { FromGenerator, ToGenerator } from './messages.ts'

endWithParent()
let go = (): void => {}
const gone = new Promise<void>((resolve) => {
  go = resolve
})
process.on('message', (message: ToGenerator) => {
  switch (message.kind) {
    case 'generate':
      return void run(message).then(
        (generated) => tell({ kind: 'generated', generated }),
        (error: Error) => tell({ kind: 'failed', why: error.message }),
      )
    case 'go':
      return go()
  }
})

async function run({ port, load, dialect }: Extract<ToGenerator, { kind: 'generate' }>): Promise<Generated> {
  const phases: Phases = {
    async ready() {
      tell({ kind: 'ready' })
      await gone
    },
    begun: () => tell({ kind: 'begun' }),
    over: () => tell({ kind: 'over' }),
  }
  if ('groups' in load) return fanOut(port, load, phases, await crowdDialectOf(dialect))
  return generate(port, load, phases, await dialectOf(dialect))
}

function tell(message: FromGenerator): void {
  tellParent(message)
}
