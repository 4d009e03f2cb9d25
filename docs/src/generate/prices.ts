import type { Guarantee } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import type { Measured } from '../prices/measured.ts'
import type { Proved } from '../prices/proved.ts'
import type { Proof } from '../prices/scenes.ts'
import { page, table } from './page.ts'
import type { Page } from './page.ts'

interface Problem {
  readonly id: string
  readonly title: string
  /** What a pattern is asked. */
  readonly question: string
  /** What is told in a cell of what was measured, by the figures' names, in this order. */
  readonly shows: readonly string[]
}

/** In the order in which they are taught. */
export const PROBLEMS: readonly Problem[] = [
  {
    id: 'router',
    title: 'Router: one to one',
    question: 'A reader stops. Do clients that have nothing to do with it wait?',
    shows: ['G2', 'G8'],
  },
  {
    id: 'chat',
    title: 'Chat: one to many',
    question: 'A member stops reading. Does it lag alone, or does its room wait?',
    shows: ['G9', 'CPU a delivery'],
  },
  {
    id: 'exchange',
    title: 'Exchange: strict order, durable',
    question:
      'How many orders share one sync of the disk, and do heartbeats come on time beside a client that reads nothing?',
    shows: ['G10', 'G11'],
  },
  {
    id: 'mux',
    title: 'Multiplexer: many streams in one',
    question: 'Both ends write, and their connection is full. Do they wait for each other for ever?',
    shows: ['CPU an echo'],
  },
  {
    id: 'epmd',
    title: 'Directory: names that come and go',
    question: 'Somebody asks for all names and does not read the answer. Does anybody else get one?',
    shows: ['CPU a question'],
  },
  {
    id: 'nodes',
    title: 'Nodes: several machines',
    question: 'A client that reads nothing is flooded from other nodes. Who waits, and is every message accounted for?',
    shows: ['simulated schedules'],
  },
]

/** What a figure of the stress suite counts: its column there has a guarantee's name only. */
const COUNTS: Readonly<Record<string, { readonly says: string; readonly file: string }>> = {
  G2: { says: 'left to others beside a stalled reader', file: 'shared-tests/stress/src/scenes/stalled-readers.ts' },
  G7: { says: 'the burst', file: 'shared-tests/stress/src/scenes/burst.ts' },
  G8: { says: 'memory by stalled reader', file: 'shared-tests/stress/src/scenes/many-stalled.ts' },
  G9: { says: 'left to others beside a stalled member', file: 'shared-tests/stress/src/scenes/lagging-member.ts' },
  G10: { says: 'longest wait for a heartbeat of 1 s', file: 'shared-tests/stress/src/scenes/keeps-time.ts' },
  G11: { says: 'orders a sync', file: 'shared-tests/stress/src/scenes/groups-commits.ts' },
}

/** Says which patterns' nodes stop with a client. */
export const NODES_TEST = 'adapters/nats/test/stalled.test.ts'
const NODES_RUN = 'protocols/nodes/suite/simulated/checker.ts'
const SCENES_FILE = 'docs/src/prices/scenes.ts'

/** `nodesTest` is the text of `NODES_TEST`. */
export function pricesPage(proved: Proved, measured: Measured, nodesTest: string): Page {
  const names = PATTERNS.map(({ name }) => name)
  const stops = namesIn(nodesTest)
  const head = ['', ...names]
  const overview = table(
    head,
    PROBLEMS.map((problem) => [
      `**[${problem.title}](prices.md#${problem.id})**<br>${problem.question}`,
      ...names.map((name) => [verdictOf(problem, name), ...figuresOf(problem, name)].join('<br>')),
    ]),
  )
  return page(
    'prices.md',
    'Five patterns, six problems',
    SCENES_FILE,
    [
      'The price of a pattern depends on the problem. Each cell says what the pattern keeps there and what it pays, and below it what that came to when ' +
        'it was measured. A price is proved by one order of events that anybody can replay, a promise by orders that did not break it, here and in ' +
        '[long runs](simulation.md). Both are simulated, so they are the same on every machine, and a test makes them again.',
      `<!-- #region table -->\n\n${overview}\n\n<!-- #endregion table -->`,
      `Measured on ${measured.made.machine}, commit ${measured.made.commit}, ${measured.made.at}: \`${measured.made.command}\`. Shares and counts ` +
        'hardly depend on the machine; CPU times do, and only large differences mean something.',
      ...PROBLEMS.map(section),
    ].join('\n\n'),
  )

  function verdictOf({ id }: Problem, name: string): string {
    if (id === 'nodes') return `[${stops.includes(name) ? 'its node waits' : 'nobody waits'}](../${NODES_TEST})`
    const verdicts = scenesOf(id).map(({ asks, of }) => {
      const clause = of[name]?.broken?.clause
      return clause === undefined ? `keeps ${asks.join(', ')}` : `**pays ${clause}**`
    })
    return `[${verdicts.join('; ')}](prices.md#${id})`
  }

  function figuresOf({ id, shows }: Problem, name: string): string[] {
    return shows.map((what) => {
      const file = COUNTS[what]?.file ?? (id === 'nodes' ? NODES_RUN : 'docs/src/prices/measure.ts')
      return `[${figureOf(id, name, what)}](../${file}) ${COUNTS[what]?.says ?? what}`
    })
  }

  function figureOf(problem: string, name: string, what: string): string {
    const found = measured.figures.find(
      (each) => each.problem === problem && each.pattern === name && each.what === what,
    )
    if (!found) throw new RangeError(`docs/measured.json has no ${what} of ${name} for ${problem}: npm run prices`)
    return found.figure
  }

  function section({ id, title, question }: Problem): string {
    const commands = new Set(measured.figures.filter(({ problem }) => problem === id).map(({ command }) => command))
    return [
      `## ${title} {#${id}}`,
      question,
      ...(id === 'nodes' ? [nodes()] : scenesOf(id).map(sceneText)),
      `Measured by ${[...commands].map((command) => `\`${command}\``).join(', ')}.`,
    ].join('\n\n')
  }

  function nodes(): string {
    return (
      `That a stalled client costs clients of other nodes nothing is [N4.1](../${NODES_TEST}), counted for each of the five; the nodes of ` +
      `${stops.join(' and ')} stop with their client, as a single server of theirs does. \`switchyard nemesis --stalled\` shows it on three nodes and a real broker. ` +
      `The accounts are [of every pair](../${NODES_RUN}), on three simulated nodes and a bus that drops, doubles, delays and reorders: what has ` +
      'not arrived was told as lost, or was on its way to who had gone.'
    )
  }

  function scenesOf(problem: string): Proved['scenes'] {
    return proved.scenes.filter((scene) => scene.problem === problem)
  }
}

function sceneText({ asks, says, of }: Proved['scenes'][number]): string {
  const rows = Object.entries(of).map(([name, proof]) => [name, outcomeOf(proof, asks)])
  const lines = Object.values(of).flatMap(({ broken }) => (broken ? [replay(broken.line, asks)] : []))
  return [says, table(['', asks.join(', ')], rows), ['```text', ...lines, '```'].join('\n')].join('\n\n')
}

function outcomeOf({ orders, events, broken }: Proof, asks: readonly Guarantee[]): string {
  if (broken)
    return `${broken.clause} is broken, in order ${orders}: ${broken.message.split(/[;\n]|: deadlock/)[0] ?? ''}`
  return `${asks.join(' and ')} ${asks.length === 1 ? 'holds' : 'hold'} in ${orders} orders of ${events.toLocaleString('en')} events`
}

function replay(line: string, asks: readonly Guarantee[]): string {
  return `npx switchyard replay '${line}' --declare ${asks.join(',')}`
}

/** Throws RangeError if the test does not say it any more. */
function namesIn(test: string): readonly string[] {
  const [, list] = /STOPS_ITS_NODE: readonly string\[\] = \[([^\]]*)\]/.exec(test) ?? []
  if (list === undefined) throw new RangeError(`${NODES_TEST} does not say whose node stops`)
  return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
}
