import type { ClientId, Close, Party, Pattern } from '@switchyard/core'
import { Stage } from './stage.ts'
import type { Actor, Trace } from './stage.ts'

/** A server, and the one file in which it is written. */
export interface Known {
  readonly pattern: Pattern
  readonly file: string
}

/** The ways to fail that are tried, in the order of the page. */
export const SITUATIONS = ['refused', 'reset', 'stall', 'deadline', 'throw'] as const
export type Situation = (typeof SITUATIONS)[number]

/** What can be known afterwards of one failure in one pattern. */
export interface Origin {
  /** Who is named as the one on whose behalf it was tried; empty where nobody is. */
  readonly by: readonly Party[]
  readonly sender: boolean
  readonly destination: boolean
  /** Empty where none is given. */
  readonly cause: string
  /** Functions of the pattern's own file that the stack shows, innermost first. */
  readonly stack: readonly string[]
  /** Whose async context it happened in. */
  readonly context: 'sender' | 'other' | 'nobody'
  /** As it can be read: a close record, or the wait-for graph. */
  readonly report: string
}

/** Plays all of them on one pattern. The same code gives the same answer. */
export async function originsOf(known: Known): Promise<Readonly<Record<Situation, Origin>>> {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = STACK_FRAMES
  try {
    return {
      refused: await refused(known),
      reset: await reset(known),
      ...(await stalled(known)),
      throw: await thrown(known),
    }
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** More than any stack has: what is not in it is not there. By default Node shows ten. */
const STACK_FRAMES = 100

/** A destination has reset its connection, unnoticed so far; so the kernel refuses the next write to it. */
async function refused(known: Known): Promise<Origin> {
  await using stage = new Stage(known.pattern)
  const [sender, destination] = await cast(stage)
  destination.link.reset()
  await stage.send(sender, destination)
  return closed(known, stage, sender, destination, destination.failed)
}

/** A write to a destination waits for it to read, and then it resets its connection. */
async function reset(known: Known): Promise<Origin> {
  await using stage = new Stage(known.pattern)
  const [sender, destination] = await cast(stage)
  destination.reads = false
  await stage.send(sender, destination)
  await stage.send(sender, destination)
  destination.link.reset()
  await stage.notice(destination)
  return closed(known, stage, sender, destination, destination.failed)
}

/** A destination reads nothing, and a sender sends until nobody takes anything more; then the write deadline passes. */
async function stalled(known: Known): Promise<Record<'stall' | 'deadline', Origin>> {
  await using stage = new Stage(known.pattern)
  const [sender, destination, bystander, reader] = await cast(stage)
  destination.reads = false
  await stage.flood(sender, destination)
  await stage.flood(bystander, reader)
  const { waits } = stage.server
  const by = waits
    .edges()
    .filter(({ what }) => (what.kind === 'reading' || what.kind === 'room') && what.client === destination.id)
    .map(({ who }) => who)
  const stall: Origin = {
    by,
    sender: names(by, sender),
    destination: by.length > 0,
    cause: by.length > 0 ? 'does not read' : '',
    stack: [],
    context: 'nobody',
    report: waits.render(),
  }
  await stage.deadline()
  return { stall, deadline: closed(known, stage, sender, destination, destination.ended) }
}

/** The protocol throws in a step that a sender's bytes caused: all that is known then is where. */
async function thrown(known: Known): Promise<Origin> {
  await using stage = new Stage(known.pattern)
  const [sender, destination] = await cast(stage)
  const trace = await stage.step(sender, destination)
  const named = { by: [], sender: false, destination: false, cause: '', report: '' }
  return { ...named, ...placed(known, trace, sender) }
}

async function cast(stage: Stage): Promise<[Actor, Actor, Actor, Actor]> {
  return [await stage.connect(), await stage.connect(), await stage.connect(), await stage.connect()]
}

function closed({ file }: Known, stage: Stage, sender: Actor, destination: Actor, trace: Trace | undefined): Origin {
  const close = stage.server.statistics().lastCloses.find(({ client }) => client === destination.id)
  const by = close?.by ? [close.by] : []
  return {
    by,
    sender: names(by, sender),
    destination: close !== undefined,
    cause: close ? causeOf(close) : '',
    ...placed({ file }, trace, sender),
    report: close ? JSON.stringify(shown(close)) : 'nothing',
  }
}

function causeOf({ reason, code }: Close): string {
  return code === undefined ? reason : `${reason}, ${code}`
}

function shown({ client, reason, code, by }: Close): object {
  return { client, reason, ...(code !== undefined && { code }), ...(by && { by }) }
}

function placed(
  { file }: Pick<Known, 'file'>,
  trace: Trace | undefined,
  sender: Actor,
): Pick<Origin, 'stack' | 'context'> {
  return { stack: trace ? framesIn(trace.stack, file) : [], context: contextOf(trace?.context, sender) }
}

function contextOf(context: ClientId | undefined, sender: Actor): Origin['context'] {
  if (context === undefined) return 'nobody'
  return context === sender.id ? 'sender' : 'other'
}

function names(by: readonly Party[], sender: Actor): boolean {
  return by.length === 1 && by.every((party) => party.kind === 'client' && party.id === sender.id)
}

/** Names of functions of one source file in a stack; what has no name is left out. Run from source or built, it is the same. */
export function framesIn(stack: string, file: string): readonly string[] {
  const source = file.replace(/\.ts$/, '')
  const built = source.startsWith('impls/') ? source.replace('/', '/dist/') : source.replace('/src/', '/dist/')
  const here = new RegExp(
    `^ +at (?:async )?(?:\\w+\\.)*(\\w+)(?: \\[as \\S+\\])? \\(.*/(?:${source}|${built})\\.[jt]s:`,
  )
  return stack.split('\n').flatMap((line) => here.exec(line)?.[1] ?? [])
}
