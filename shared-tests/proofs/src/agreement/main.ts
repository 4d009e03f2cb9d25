// Both checkers on random runs of the five and of every mutant of a pattern: `npm run agreement`, or with fewer runs each as argument.
import { PATTERNS } from '@switchyard/impls'
import { CONNECTION_MUTANTS, SCHEDULING_MUTANTS, SOUND } from '@switchyard/mutants'
import { agreementOf } from './agreement.ts'

const RUNS = 100_000
/** A mutant has a fault to be found, and needs fewer. */
const MUTANT_SHARE = 0.1

const runs = Number(process.argv[2] ?? RUNS)
const mutants = [...SCHEDULING_MUTANTS, ...CONNECTION_MUTANTS].map(({ pattern }) => pattern)
for (const pattern of [...PATTERNS, SOUND, ...mutants]) {
  const sound = !mutants.includes(pattern)
  const count = sound ? runs : Math.ceil(runs * MUTANT_SHARE)
  const { both, routerOnly, deliveryOnly } = await agreementOf(pattern, 0, count - 1)
  const [missed, more] = [routerOnly.length, deliveryOnly.length]
  process.stdout.write(
    `${pattern.name}: ${count} runs; both ${both}, the router's alone ${missed}, delivery alone ${more}\n`,
  )
  for (const each of [...routerOnly.slice(0, 3), ...deliveryOnly.slice(0, 3)]) {
    process.stdout.write(`  seed ${each.seed}: ${each.violation.clause} ${each.violation.message}\n`)
  }
  if (missed > 0 || (sound && both + more > 0)) process.exitCode = 1
}
