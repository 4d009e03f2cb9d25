import type { Change, Diff } from '../analysis/diff.ts'
import { MARGIN } from '../analysis/statistics/comparison.ts'
import { interval, percent } from './format.ts'

const WORDS: Partial<Record<Change['figure'], { readonly higher: string; readonly lower: string }>> = {
  messagesPerSecond: { higher: 'faster', lower: 'slower' },
  serverCpuMicros: { higher: 'dearer', lower: 'cheaper' },
  p99Micros: { higher: 'later', lower: 'sooner' },
  silenceMs: { higher: 'longer silent', lower: 'shorter silent' },
}

/** A diff in words. */
export function renderDiff({ machines, changes, onlyInOne }: Diff): string {
  const found = changes.filter(({ difference }) => difference !== 'cannot-tell')
  const lines = found.map(({ workload, subject, figure, ratio, difference, inYardsticks }) => {
    const words = WORDS[figure]
    const word = difference === 'cannot-tell' || !words ? difference : words[difference]
    const factor = interval(ratio, (value) => value.toFixed(2))
    return `${workload}  ${subject}: ${word}, by a factor of ${factor}${inYardsticks ? ' in multiples of the yardstick' : ''}`
  })
  return [
    ...(machines.length > 0
      ? [
          'The machines differ, and so may every figure, whatever changed in the servers:',
          ...machines.map(indented),
          '',
        ]
      : []),
    ...(onlyInOne.length > 0 ? ['Measured in one run only:', ...onlyInOne.map(indented), ''] : []),
    ...lines,
    `${found.length} of ${changes.length} figures changed by more than ${percent(MARGIN)}, as far as the blocks can tell.`,
    '',
  ].join('\n')
}

function indented(line: string): string {
  return `  ${line}`
}
