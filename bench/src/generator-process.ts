/** The load generator's process: one load, then it ends. It never outlives the parent that forked it. */
import { generate } from './generator.ts'
import type { ToGenerator } from './messages.ts'
import { endWithParent, tellParent } from './parent.ts'

endWithParent()
process.once('message', ({ port, load }: ToGenerator) => {
  const phases = { begun: () => tellParent({ kind: 'begun' }), over: () => tellParent({ kind: 'over' }) }
  generate(port, load, phases).then(
    (generated) => tellParent({ kind: 'generated', generated }),
    (error: Error) => tellParent({ kind: 'failed', why: error.message }),
  )
})
