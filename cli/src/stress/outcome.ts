import type { Cell, Stressed, Tried } from '@switchyard/stress'
import { EXIT } from '../exit.ts'

/** As it should be: it holds, or a price is paid, or nobody can judge it from outside. Otherwise wrong, or undecided. */
export type Mark = '✓' | '–' | '·' | '✗' | '?'

export function markOf(result: Cell | Tried): Mark {
  if (!result.ok) return result.verdict === 'undecided' ? '?' : '✗'
  switch (result.verdict) {
    case 'holds':
      return '✓'
    case 'not-applicable':
      return '·'
    case 'price-paid':
    case 'broken':
    case 'undecided':
      return '–'
  }
}

export function exitCodeOf(results: readonly (Cell | Tried)[], complaints: readonly string[] = []): number {
  const marks = results.map(markOf)
  if (marks.includes('✗') || complaints.length > 0) return EXIT.failed
  return marks.includes('?') ? EXIT.undecided : EXIT.passed
}

export function resultsOf({ cells, trials }: Stressed): readonly (Cell | Tried)[] {
  return [...cells, ...trials]
}

export function nameOf(result: Cell | Tried): string {
  return 'guarantee' in result ? result.guarantee : result.trial
}

/** Whether it is about a server that declares nothing. */
export function isForeign(result: Cell | Tried): boolean {
  return 'declared' in result && result.declared === null
}

/** What is not as it should be, each with a sentence and the command that shows it again. */
export function troublesOf(results: readonly (Cell | Tried)[]): string[] {
  const foreign = results.some(isForeign)
  return results
    .filter(({ ok }) => !ok)
    .flatMap((result) => {
      const subject = foreign ? `--exec '${result.subject.replaceAll("'", String.raw`'\''`)}'` : result.subject
      return [
        `${result.subject} ${nameOf(result)}: ${complaint(result)}: ${result.why}`,
        `  switchyard stress ${subject}${'guarantee' in result ? ` --guarantee ${result.guarantee}` : ''}`,
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
      if (!('guarantee' in result)) return 'failed'
      return result.declared === null ? 'does not hold' : 'declared, and does not hold'
    case 'not-applicable':
      return 'not applicable'
  }
}
