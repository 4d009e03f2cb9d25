import { createHash } from 'node:crypto'
import type { Answer } from './messages.ts'
import { EXPLANATIONS } from './explanations.ts'
import type { Explanation } from './explanations.ts'
import type { Site } from './sites.ts'
import type { Subject } from './subjects.ts'

export interface Results {
  /** Schedules of each kind of world that a mutant had to survive. */
  readonly seeds: number
  readonly patterns: Record<string, Mutated>
}

export interface Mutated {
  /** Identifies the text that was mutated: a table of another text says nothing about this one. */
  readonly fingerprint: string
  readonly sites: readonly MutatedSite[]
}

type MutatedSite = Omit<Site, 'start' | 'end'> & { readonly answer: Answer }

export function fingerprint(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 16)
}

/** Why a deletion that nobody notices changes nothing that a check could see; undefined if nobody has said. */
function explanationOf(pattern: string, { kind, within, text }: MutatedSite): Explanation | undefined {
  return EXPLANATIONS.find(
    (each) =>
      (each.patterns === undefined || each.patterns.includes(pattern)) &&
      (each.kind === undefined || each.kind === kind) &&
      (each.within === undefined || each.within === within) &&
      text.startsWith(each.text),
  )
}

interface Survivor {
  readonly name: string
  readonly site: MutatedSite
}

function survivorsOf(results: Results): readonly Survivor[] {
  return Object.entries(results.patterns).flatMap(([name, { sites }]) =>
    sites.filter(({ answer }) => answer.by === 'nobody').map((site) => ({ name, site })),
  )
}

export function unexplained(results: Results): readonly string[] {
  return survivorsOf(results)
    .filter(({ name, site }) => explanationOf(name, site) === undefined)
    .map(({ name, site: { line, text } }) => `${name}:${line} ${text}`)
}

/** Explanations of nothing in any of the results: each would excuse the next survivor that looks like the one it was written for. */
export function idleExplanations(all: readonly Results[]): readonly Explanation[] {
  const survivors = all.flatMap(survivorsOf)
  const needed = new Set(survivors.map(({ name, site }) => explanationOf(name, site)))
  return EXPLANATIONS.filter((each) => !needed.has(each))
}

/** The table for docs: what noticed, by pattern, then each survivor with the reason. */
export function renderTable(subject: Subject, results: Results): string {
  const lines = [
    `# ${subject.title}`,
    '',
    ...subject.introduction(results.seeds),
    '',
    `| ${subject.judge === 'pattern' ? 'pattern' : 'file'} | deletions | ${noticedBy(subject.by)} | survive |`,
    `|---|---|${subject.by.map(() => '---|').join('')}---|`,
  ]
  const count = (sites: readonly MutatedSite[], by: Answer['by']): number =>
    sites.filter(({ answer }) => answer.by === by).length
  for (const [name, { sites }] of Object.entries(results.patterns)) {
    const noticed = subject.by.map((by) => count(sites, by))
    lines.push(`| ${name} | ${sites.length} | ${noticed.join(' | ')} | ${count(sites, 'nobody')} |`)
  }
  lines.push('', '## Survivors, and why', '', '| where | deleted | why nothing can notice |', '|---|---|---|')
  for (const { name, site } of survivorsOf(results)) {
    const { kind, line, text, within } = site
    const what = `${kind === 'await' ? '`await` of ' : ''}\`${text.replaceAll('|', '\\|')}\``
    const why = explanationOf(name, site)?.why ?? '**not explained**'
    lines.push(`| ${name}, line ${line}, \`${within}\` | ${what} | ${why} |`)
  }
  lines.push('', '## Noticed by the suite only', '', '| where | deleted | by |', '|---|---|---|')
  for (const [name, { sites }] of Object.entries(results.patterns)) {
    for (const { answer, kind, line, text } of sites) {
      if (answer.by !== 'suite') continue
      const what = `${kind === 'await' ? '`await` of ' : ''}\`${text.replaceAll('|', '\\|')}\``
      lines.push(`| ${name}, line ${line} | ${what} | ${answer.clause} ${answer.message} |`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** The heads of the columns. Whoever comes later has seen only what the others let pass. */
function noticedBy(by: Subject['by']): string {
  const names = { tests: 'its tests', simulator: 'the simulator', suite: 'the suite' }
  return by.map((each, index) => (index === 0 ? `noticed by ${names[each]}` : `by ${names[each]} only`)).join(' | ')
}
