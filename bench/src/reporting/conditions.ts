import { DEFAULT_LIMITS, LIMIT_NAMES } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import type { HostFacts } from '@switchyard/harness'
import type { Results } from '../run/results.ts'
import type { Workload } from '../load/workloads.ts'

export interface Facts {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a hostile reader asks first: were they all given the same? */
export interface Conditions {
  readonly sockets: Facts
  readonly framing: Facts
  readonly limits: Facts
  /** In which facts the patterns differ; empty, or the comparison is not fair. */
  readonly unequal: readonly string[]
}

const MESSAGE_BYTES = 32

export function conditionsOf({ run, blocks }: Results): Conditions {
  const facts = run.subjects.map((subject) => {
    const block = blocks.find(({ subject: name, outcome }) => name === subject.name && outcome.state === 'measured')
    const told = block?.outcome.state === 'measured' ? block.outcome.facts : null
    return { subject, cells: cellsOf(told) }
  })
  const head = ['server', 'TCP_NODELAY', 'half-open', 'reads ahead', 'Node', 'V8', 'flags']
  const patterns = facts.filter(({ subject, cells }) => subject.kind === 'pattern' && cells[0] !== UNKNOWN)
  return {
    sockets: { head, rows: facts.map(({ subject, cells }) => [subject.name, ...cells]) },
    framing: {
      head: ['server', 'bytes written', 'bytes that arrive', 'checked by the generator'],
      rows: run.subjects.map(({ name, dialect }) => [name, ...framingOf(dialect)]),
    },
    limits: {
      head: ['limit', 'value', 'other values'],
      rows: LIMIT_NAMES.map((name) => [name, DEFAULT_LIMITS[name].toLocaleString('en'), othersOf(name, run.workloads)]),
    },
    unequal: head.slice(1).filter((_, column) => new Set(patterns.map(({ cells }) => cells[column])).size > 1),
  }
}

/** Values that workloads set, and which do: `200 (stalled-0, stalled-1)`. */
function othersOf(name: keyof Limits, workloads: readonly Workload[]): string {
  const values = [...new Set(workloads.flatMap(({ limits }) => limits?.[name] ?? []))]
  return values
    .map((value) => {
      const who = workloads.filter(({ limits }) => limits?.[name] === value).map((workload) => workload.name)
      return `${value.toLocaleString('en')} (${who.join(', ')})`
    })
    .join('; ')
}

const UNKNOWN = 'its own affair'

function cellsOf(facts: HostFacts | null): string[] {
  if (!facts) return Array<string>(6).fill(UNKNOWN)
  const { noDelay, allowHalfOpen, highWaterMark, node, v8, flags } = facts
  const ahead = highWaterMark === null ? "Node's default" : highWaterMark === 0 ? 'nothing' : `${highWaterMark} B`
  return [yesNo(noDelay), yesNo(allowHalfOpen), ahead, node, v8, flags.join(' ') || 'none']
}

function yesNo(value: boolean | null): string {
  return value === null ? 'unknown' : value ? 'yes' : 'no'
}

/** An id of four bytes in front; NATS has a line of text before each message and an end of line behind it. */
function framingOf(dialect: string): string[] {
  const every = 'one message of each read, byte for byte; every byte is counted'
  switch (dialect) {
    case 'router':
      return [`${MESSAGE_BYTES + 4}`, `${MESSAGE_BYTES}`, every]
    case 'relay':
      return [
        `${MESSAGE_BYTES + 4}`,
        `${MESSAGE_BYTES + 4}`,
        'the same; in spread traffic only counted, since nothing is routed',
      ]
    case 'nats':
      return [
        `${'PUB c12 32\r\n'.length + MESSAGE_BYTES + 2}`,
        `${'MSG c12 1 32\r\n'.length + MESSAGE_BYTES + 2}`,
        every,
      ]
    default:
      return ['as its protocol has it', 'as its protocol has it', every]
  }
}
