import type { Cell, Stressed, Tried } from '@switchyard/stress'
import { EXIT } from '../exit.ts'

/** As declared: a promise that holds or a price that is paid. Otherwise wrong, or nobody can say. */
export type Mark = '✓' | '–' | '✗' | '?'

export function markOf(result: Cell | Tried): Mark {
  if (result.ok) return result.verdict === 'price-paid' ? '–' : '✓'
  return result.verdict === 'undecided' ? '?' : '✗'
}

export function exitCodeOf(results: readonly (Cell | Tried)[]): number {
  const marks = results.map(markOf)
  if (marks.includes('✗')) return EXIT.failed
  return marks.includes('?') ? EXIT.undecided : EXIT.passed
}

export function resultsOf({ cells, trials }: Stressed): readonly (Cell | Tried)[] {
  return [...cells, ...trials]
}

/** What is not as it should be, each with a sentence and the command that shows it again. */
export function troublesOf(results: readonly (Cell | Tried)[]): string[] {
  return results
    .filter(({ ok }) => !ok)
    .flatMap((result) => {
      const name = 'guarantee' in result ? result.guarantee : result.trial
      return [
        `${result.subject} ${name}: ${complaint(result)}: ${result.why}`,
        `  switchyard stress ${result.subject}${'guarantee' in result ? ` --guarantee ${name}` : ''}`,
      ]
    })
}

function complaint(result: Cell | Tried): string {
  switch (result.verdict) {
    case 'broken':
      return 'the server broke'
    case 'undecided':
      return `undecided after ${result.attempts.length} attempts`
    case 'holds':
      return 'not declared, and holds (an unexpected pass)'
    case 'price-paid':
      return 'guarantee' in result ? 'declared, and does not hold' : 'failed'
  }
}
