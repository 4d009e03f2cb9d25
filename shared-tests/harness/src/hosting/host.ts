import type { Server as NetServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import type { Limits, Pattern, Protocol, StatisticsSnapshot } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import type { Answer, CpuSample, HostFacts, MemorySample, Question, ToHost } from './messages.ts'
import { endWithParent, tellParent } from './parent.ts'
import { slowDown } from './slowdown.ts'
import { MetricsSampler } from './process-metrics.ts'

/** One collection finds what is garbage, buffers are freed a moment after; the least of several is what is held. */
const COLLECTIONS = 5
const COLLECTION_PAUSE_MS = 10

/** A server that listens, as far as its parent asks after it. */
export interface Hosted {
  readonly listener: NetServer
  statistics(): StatisticsSnapshot
  /** Who waits for whom, as text. */
  waits(): string
  shutdown(): Promise<void>
}

export interface HostOptions {
  /** A planted fault, to see whether it is found: so large a share of the time nothing is done. Default 0. */
  readonly slowdown?: number
  /** `ServeOptions.commit` for the protocol that was created. Default: nothing is committed. */
  readonly commitOf?: (protocol: Protocol) => (() => Promise<void> | undefined) | undefined
}

/**
 * Serves in this process, for the parent that forked it: `startServer` is the other side. The parent chooses the limits,
 * hears the port, asks for figures and ends it. This process does not outlive its parent: it exits when their channel
 * closes. Settles when it listens.
 */
export function host(
  pattern: Pattern,
  createProtocol: (limits: Limits, port: number, shutDown: () => void) => Protocol,
  { slowdown = 0, commitOf }: HostOptions = {},
): Promise<void> {
  if (slowdown > 0) slowDown(slowdown)
  return hostAny(async (limits) => {
    const listener = await listen()
    const protocol = createProtocol(limits, portOf(listener), () => queueMicrotask(() => void server.shutdown()))
    const commit = commitOf?.(protocol)
    const server = pattern.serve(protocol, listener, { ...limits, ...(commit && { commit }) })
    return {
      listener,
      statistics: () => server.statistics(),
      waits: () => server.waits.render(),
      shutdown: () => server.shutdown(),
    }
  })
}

/** The same for whatever listens on TCP in this process. */
export async function hostAny(start: (limits: Limits) => Promise<Hosted>): Promise<void> {
  endWithParent()
  const hosted = await start(await limitsFromParent())
  const sampler = new MetricsSampler()
  process.on('message', (message: ToHost) => {
    switch (message.kind) {
      case 'serve':
        throw new Error('told to serve twice')
      case 'ask':
        return void answer(message.id, message.question, hosted, sampler).then(tellParent)
      case 'shut-down':
        return void hosted.shutdown().then(() => process.exit())
    }
  })
  tellParent({ kind: 'listening', port: portOf(hosted.listener), facts: factsOf(hosted.listener) })
}

/** Node's types do not know these properties of its listeners; who has no such property has no such fact. */
function factsOf(listener: NetServer): HostFacts {
  const own = (name: string): unknown => Reflect.get(listener, name)
  const flag = (name: string): boolean | null => (typeof own(name) === 'boolean' ? own(name) === true : null)
  const highWaterMark = own('highWaterMark')
  return {
    noDelay: flag('noDelay'),
    allowHalfOpen: flag('allowHalfOpen'),
    highWaterMark: typeof highWaterMark === 'number' ? highWaterMark : null,
    node: process.version,
    v8: process.versions.v8,
    flags: process.execArgv,
  }
}

/** The first message. */
function limitsFromParent(): Promise<Limits> {
  return new Promise((resolve) => {
    process.once('message', (message: ToHost) => {
      if (message.kind !== 'serve') throw new Error(`told to ${message.kind} before it was told to serve`)
      resolve(message.limits)
    })
  })
}

async function answer(id: number, question: Question, hosted: Hosted, sampler: MetricsSampler): Promise<Answer> {
  const kind = 'answer'
  switch (question) {
    case 'cpu':
      return { kind, id, question, answer: cpu() }
    case 'statistics':
      return { kind, id, question, answer: hosted.statistics() }
    case 'waits':
      return { kind, id, question, answer: hosted.waits() }
    case 'memory':
      return { kind, id, question, answer: await memory() }
    case 'metrics':
      return { kind, id, question, answer: sampler.take() }
  }
}

function cpu(): CpuSample {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, atMs: performance.now() }
}

async function memory(): Promise<MemorySample> {
  let least = collected()
  for (let i = 1; i < COLLECTIONS; i++) {
    await delay(COLLECTION_PAUSE_MS)
    const sample = collected()
    if (sample.heldBytes < least.heldBytes) least = sample
  }
  return least
}

function collected(): MemorySample {
  if (!globalThis.gc) throw new Error('a server process must be started with --expose-gc')
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
  return {
    heapUsedBytes: heapUsed,
    externalBytes: external,
    heldBytes: heapUsed + external,
    rssBytes: rss,
    youngBytes: young?.physical_space_size ?? 0,
  }
}
