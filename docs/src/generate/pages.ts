import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_LIMITS, GUARANTEES, LIMIT_NAMES, limitsOf } from '@switchyard/core'
import type { Guarantee, Limits, Pattern } from '@switchyard/core'
import { sectionsOf } from '@switchyard/conformance/portable'
import type { Clause, Suite } from '@switchyard/conformance'
import { allSuites } from '@switchyard/protocols'
import { VARIANTS } from '@switchyard/variants'
import { FIVE } from '../stage/servers.ts'
import { historyPage } from './history.ts'
import { membersOf, plainComment } from './members.ts'
import { page, table } from './page.ts'
import type { Page } from './page.ts'
import { servicesPage } from './services.ts'

/** Every page that needs nothing but this repository's sources. `root` is its path. */
export async function pagesOf(root: string): Promise<readonly Page[]> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  return [
    clausesPage(await allSuites()),
    guarantees(root, read),
    limits(read),
    errors(root, read),
    statistics(read),
    servicesPage(read),
    historyPage(read),
  ]
}

function clausesPage(suites: readonly Suite[]): Page {
  const intro =
    'A case is data: it runs over TCP, against another process, and on the simulated network. ' +
    `Each protocol has clauses and cases of its own:\n\n${suites.map(summary).join('\n')}`
  const body = suites.flatMap((suite) =>
    sectionsOf(suite).map((section) => {
      const texts = suite.clauses.filter((clause) => clause.section === section).map((clause) => proved(suite, clause))
      return `## ${suite.name === 'router' ? '' : `${suite.name}: `}${section}\n\n${texts.join('\n\n')}`
    }),
  )
  return page('reference/clauses.md', 'Clauses', 'protocols/index.ts', `${intro}\n\n${body.join('\n\n')}`)
}

function summary({ name, clauses, cases, specification }: Suite): string {
  const text = specification.startsWith('docs/')
    ? `[the specification](../${specification.slice('docs/'.length)})`
    : `\`${specification}\``
  return `- ${name}: ${clauses.length} clauses, ${cases.length} cases; ${text}`
}

function proved({ cases }: Suite, { id, sentences, binds }: Clause): string {
  const own = cases.filter(({ clause }) => clause === id)
  const by = binds === 'client' ? 'Binds clients.' : `${own.length} ${own.length === 1 ? 'case' : 'cases'}:`
  const proofs = own.map((each) => `- \`${each.id}\`: ${plain(each.name)}`).join('\n')
  return `### ${id}\n\n> ${plain(sentences.join(' '))}\n\n${by}\n\n${proofs}`.trimEnd()
}

/** A page of the site takes a `<` outside of code for a tag. */
function plain(text: string): string {
  return text.replaceAll(/`[^`]*`|</g, (part) => (part === '<' ? '&lt;' : part))
}

interface Proof {
  readonly what: string
  /** The first of them that exists is linked. */
  readonly files: readonly string[]
}

/** What asks whether a declared guarantee holds, and whether one that is not declared does not. */
const PROOFS: Readonly<Record<Guarantee, Proof>> = {
  G1: {
    what: 'checked in every simulated run where everybody reads',
    files: ['shared-tests/simulated/src/checker/run-checker.ts'],
  },
  G2: {
    what: 'measured over TCP with stalled readers',
    files: ['shared-tests/stress/src/scenes/stalled-readers.ts', 'cli/test/prices.test.ts'],
  },
  G3: {
    what: 'the bound is checked after every simulated event',
    files: ['protocols/router/suite/simulated/bounds.ts'],
  },
  G4: { what: 'judged with stalled readers', files: ['shared-tests/simulated/src/checker/guarantees.ts'] },
  G5: {
    what: 'measured over TCP beside a flooder',
    files: ['shared-tests/stress/src/scenes/flooder.ts', 'shared-tests/simulated/src/checker/guarantees.ts'],
  },
  G6: {
    what: 'measured over TCP with thousands of idle connections',
    files: ['shared-tests/stress/src/scenes/idle.ts'],
  },
  G7: { what: 'measured over TCP with a burst to a paused reader', files: ['shared-tests/stress/src/scenes/burst.ts'] },
  G8: {
    what: 'measured over TCP with many stalled destinations',
    files: ['shared-tests/stress/src/scenes/many-stalled.ts'],
  },
  G9: {
    what: 'measured over TCP with one member of fifty that reads nothing',
    files: ['shared-tests/stress/src/scenes/lagging-member.ts'],
  },
  G10: {
    what: 'measured over TCP with heartbeats beside a stalled client, and found in simulation',
    files: ['shared-tests/stress/src/scenes/keeps-time.ts'],
  },
  G11: {
    what: 'measured over TCP with sixteen clients that wait for their answers, and found in simulation',
    files: ['shared-tests/stress/src/scenes/groups-commits.ts'],
  },
  G12: {
    what: 'measured over TCP with a peer that writes all it may before it reads, and found in simulation with two ends back to back',
    files: ['shared-tests/stress/src/scenes/full-peer.ts'],
  },
}

function guarantees(root: string, read: (path: string) => string): Page {
  const text = read('docs/protocol.md')
  const named = (id: Guarantee): string => new RegExp(`\\*\\*${id} ([\\w-]+)\\*\\*`).exec(text)?.[1] ?? ''
  const proofOf = (id: Guarantee): string | undefined => PROOFS[id].files.find((file) => existsSync(join(root, file)))
  const cell = (pattern: Pattern, id: Guarantee): string => {
    const declared = pattern.guarantees[id]
    if (declared === undefined) return '–'
    const mark = declared ? 'yes' : 'no'
    const file = proofOf(id)
    return file === undefined ? `${mark} (not proved yet)` : `[${mark}](../../${file})`
  }
  const row = (pattern: Pattern, file: string): string[] => [
    `[${pattern.name}](../../${file})`,
    ...GUARANTEES.map((id) => cell(pattern, id)),
  ]
  const head = ['', ...GUARANTEES]
  const five = table(
    head,
    FIVE.map(({ pattern, file }) => row(pattern, file)),
  )
  const others = table(
    head,
    VARIANTS.map((pattern) => row(pattern, `variants/src/${pattern.name}.ts`)),
  )
  const proofs = table(
    ['', 'name', 'how it is proved'],
    GUARANTEES.map((id) => {
      const file = proofOf(id)
      return [id, named(id), file === undefined ? 'not proved yet' : `[${PROOFS[id].what}](../../${file})`]
    }),
  )
  const body = [
    'What each server declares, word for word from its file, and from `impls/index.ts` what only protocols with time, a disk, or a peer that both reads and writes show. *No* is a price, and it is proved like a promise: a guarantee ' +
      'that holds although it is not declared fails the suite as much as one that is declared and does not hold. Each cell links to what asks. ' +
      'What the guarantees mean, in full: [the protocol](../protocol.md), section 6.',
    `## The five\n\n${five}`,
    `## Variants\n\n${others}`,
    `## What proves them\n\n${proofs}`,
  ]
  return page('reference/guarantees.md', 'Guarantees', 'core/src/protocol.ts', body.join('\n\n'))
}

function limits(read: (path: string) => string): Page {
  const comments = new Map(membersOf(read('core/src/limits.ts'), 'Limits').map(({ name, comment }) => [name, comment]))
  const rows = LIMIT_NAMES.map((name) => [
    `\`${name}\``,
    DEFAULT_LIMITS[name].toLocaleString('en'),
    rangeOf(name),
    comments.get(name) ?? '',
  ])
  const body =
    'Options of `serve`, and of `switchyard serve` in kebab-case; a server that is started as a command gets them as environment variables ' +
    'such as `SWITCHYARD_MESSAGE_BYTES_MAX`. Bytes and milliseconds, as the names end. A value out of range is a RangeError when the ' +
    `server is made, and \`queuedBytesMax\` must be at least \`messageBytesMax\`.\n\n${table(['limit', 'default', 'range', 'what it bounds'], rows)}`
  return page('reference/limits.md', 'Limits', 'core/src/limits.ts', body)
}

/** Asked of the code that checks. */
function rangeOf(name: keyof Limits): string {
  try {
    limitsOf({ [name]: -1 })
  } catch (error) {
    const [, range = ''] = /whole number (from .*)$/.exec(error instanceof Error ? error.message : '') ?? []
    return range
  }
  return ''
}

const ERROR_FILES = [
  'sim/src/replay.ts',
  'shared-tests/conformance/src/failed.ts',
  'shared-tests/conformance/src/targets/target.ts',
  'cli/src/exit.ts',
] as const

function errors(root: string, read: (path: string) => string): Page {
  const rows = ERROR_FILES.filter((file) => existsSync(join(root, file))).flatMap((file) => {
    const classes = read(file).matchAll(
      /(\/\*\*[^/]*\*\/)\nexport class (\w+) extends \w+ \{\n\s+(?:override )?readonly code = '([^']+)'/g,
    )
    return [...classes].map(([, comment = '', name, code]) => [
      `\`${code}\``,
      `[${name}](../../${file})`,
      plainComment(comment),
    ])
  })
  const exits = [...read('cli/src/exit.ts').matchAll(/\/\*\* (.*?) \*\/\n\s+(\w+): (\d)/g)].map(
    ([, comment = '', name = '', code = '']) => [code, name, comment],
  )
  const reasons = unionOf(read('core/src/protocol.ts'), 'AbortReason')
  const closes = unionOf(read('core/src/protocol.ts'), 'CloseReason')
  const body = [
    'Bad arguments are `RangeError` or `TypeError`, thrown when something is made, and say what value there was and what it may be. ' +
      'A class of its own has only what a caller catches.',
    table(['code', 'class', 'when'], rows),
    `## Exit codes\n\n${table(['code', 'name', 'means'], exits)}`,
    '## Why a connection ended\n\n' +
      'A failure belongs to the connection that failed. Each connection ends for exactly one reason, counted in [the statistics](statistics.md).\n\n' +
      `Ended at once: ${reasons.map((reason) => `\`${reason}\``).join(', ')}.\n\nIn order: ${closes.map((reason) => `\`${reason}\``).join(', ')}.`,
  ]
  return page('reference/errors.md', 'Errors', 'core/src/protocol.ts', body.join('\n\n'))
}

function unionOf(source: string, name: string): string[] {
  const [, union = ''] = new RegExp(`export type ${name} =\\s+([^\\n]+)`).exec(source) ?? []
  return [...union.matchAll(/'([^']+)'/g)].map(([, literal = '']) => literal)
}

function statistics(read: (path: string) => string): Page {
  const source = read('core/src/statistics.ts')
  const rows = (name: string): string[][] =>
    membersOf(source, name).map((member) => [
      `\`${member.name}\``,
      `\`${member.type.replaceAll(/\/\*\*.*?\*\//gs, '').replaceAll(/\s+/g, ' ')}\``,
      member.comment,
    ])
  const [, places = ''] = /export const PLACES[^\n]*\n(\/\*\*[\s\S]*?\*\/)/.exec(source) ?? []
  const body = [
    '`server.statistics()` answers with plain data, fit for JSON.',
    table(['field', 'type', 'what'], rows('StatisticsSnapshot')),
    `## Where bytes are held\n\n${plainComment(places)}`,
    `## One connection that ended\n\n${table(['field', 'type', 'what'], rows('Close'))}`,
  ]
  return page('reference/statistics.md', 'Statistics', 'core/src/statistics.ts', body.join('\n\n'))
}
