import { setTimeout as delay } from 'node:timers/promises'
import type { Limits, Pattern, Protocol, Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import type { Answer, CpuSample, MemorySample, Question, ToHost } from './messages.ts'
import { endWithParent, tellParent } from './parent.ts'

/** One collection finds what is garbage, buffers are freed a moment after; the least of several is what is held. */
const COLLECTIONS = 5
const COLLECTION_PAUSE_MS = 10

/**
 * Serves in this process, for the parent that forked it: `startServer` is the other side. The parent chooses the limits,
 * hears the port, asks for figures and ends it. This process does not outlive its parent: it exits when their channel
 * closes. Settles when it listens.
 */
export async function host(pattern: Pattern, createProtocol: (limits: Limits) => Protocol): Promise<void> {
  endWithParent()
  const limits = await limitsFromParent()
  const listener = await listen()
  const server = pattern.serve(createProtocol(limits), listener, limits)
  process.on('message', (message: ToHost) => {
    switch (message.kind) {
      case 'serve':
        throw new Error('told to serve twice')
      case 'ask':
        return void answer(message.id, message.question, server).then(tellParent)
      case 'shut-down':
        return void server.shutdown().then(() => process.exit())
    }
  })
  tellParent({ kind: 'listening', port: portOf(listener) })
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

async function answer(id: number, question: Question, server: Server): Promise<Answer> {
  const kind = 'answer'
  switch (question) {
    case 'cpu':
      return { kind, id, question, answer: cpu() }
    case 'statistics':
      return { kind, id, question, answer: server.statistics() }
    case 'waits':
      return { kind, id, question, answer: server.waits.render() }
    case 'memory':
      return { kind, id, question, answer: await memory() }
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
  return { heapUsedBytes: heapUsed, externalBytes: external, heldBytes: heapUsed + external, rssBytes: rss }
}
