import type { Random } from '@switchyard/core'
import type { Move } from '@switchyard/sim'

/** A stall with or without an end, and then perhaps a FIN or a reset, each anywhere among the moves. */
export function withFaults<Say>(random: Random, moves: readonly Move<Say>[]): Move<Say>[] {
  const faulty = [...moves]
  if (random.below(3) === 0) {
    const at = random.below(faulty.length + 1)
    faulty.splice(at, 0, { kind: 'stall' })
    if (random.below(2) === 0) faulty.splice(at + 1 + random.below(faulty.length - at), 0, { kind: 'resume' })
  }
  switch (random.below(6)) {
    case 0:
      faulty.push({ kind: 'fin' })
      break
    case 1:
      faulty.splice(random.below(faulty.length + 1), faulty.length, { kind: 'reset' })
      break
  }
  return faulty
}
