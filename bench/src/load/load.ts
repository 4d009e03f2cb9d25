import { Child, ServerFailed, within } from '@switchyard/harness'
import type { CpuSample, ServerProcess } from '@switchyard/harness'
import type { DialectName } from './dialects.ts'
import type { FanOut } from './fan-out.ts'
import type { Generated, Load } from './generator.ts'
import type { FromGenerator, ToGenerator } from './messages.ts'

/** Built JavaScript, also when this file is run from `src`: Node 20 forks no TypeScript. */
const GENERATOR = new URL('../../dist/load/generator-process.js', import.meta.url)

/** A server that dies takes the connections down first: so long its end is waited for, as the better explanation. */
const LAST_WORDS_MS = 1_000

/** A load came to nothing, and not because its server had gone. The message says what happened, for whoever asked for the figures. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed'
  readonly code = 'load-failed'
}

/** One load on one server. */
export interface Measurement {
  readonly messagesPerSecond: number
  readonly serverCpuMicrosPerMessage: number
  /** 1 is one core, kept busy throughout. The server's may pass 1: collecting garbage and compiling have threads. */
  readonly serverCpuShare: number
  /** Near 1, the generator was the bottleneck, and the rate says little about the server. */
  readonly generatorCpuShare: number
  readonly generated: Generated
}

/** The part of a server that a measurement needs. */
export type LoadTarget = Pick<ServerProcess, 'port' | 'cpu' | 'ended'>

export interface MeasureOptions {
  /** Default: the router's. */
  readonly dialect?: DialectName
  /** Everybody is connected and nothing is sent. The load waits for it. */
  readonly ready?: () => Promise<void>
  /** The measured time has begun, and is over. */
  readonly begun?: () => Promise<void>
  readonly over?: () => Promise<void>
}

/**
 * Runs `load` from a process of its own. Rejects with ServerFailed if the server goes, and with
 * LoadFailed if what arrives is not what was sent.
 */
export async function measure(
  server: LoadTarget,
  load: Load | FanOut,
  { dialect = 'router', ready, begun, over }: MeasureOptions = {},
): Promise<Measurement> {
  await using generator = new Child<ToGenerator, FromGenerator>({ module: GENERATOR })
  generator.send({ kind: 'generate', port: server.port, load, dialect })
  let before: CpuSample | undefined
  let after: CpuSample | undefined
  for await (const message of generator.messages) {
    switch (message.kind) {
      case 'ready':
        await ready?.()
        generator.send({ kind: 'go' })
        break
      case 'begun':
        before = await server.cpu()
        await begun?.()
        break
      case 'over':
        after = await server.cpu()
        await over?.()
        break
      case 'generated':
        if (!before || !after) throw new Error('the load generator measured without saying so')
        return measurement(message.generated, before, after)
      case 'failed':
        throw await explained(server, message.why)
    }
  }
  throw new LoadFailed(`the load generator ${await generator.ended}`)
}

/** The samples stand a little beside the measured time, so the CPU's share is taken from them, the rate from the load. */
function measurement(generated: Generated, before: CpuSample, after: CpuSample): Measurement {
  const serverCpuShare = (after.cpuMicros - before.cpuMicros) / 1000 / (after.atMs - before.atMs)
  const messagesPerSecond = generated.messages / generated.seconds
  return {
    messagesPerSecond,
    serverCpuMicrosPerMessage: (serverCpuShare * 1e6) / messagesPerSecond,
    serverCpuShare,
    generatorCpuShare: generated.generatorCpuMs / 1000 / generated.seconds,
    generated,
  }
}

async function explained(server: LoadTarget, why: string): Promise<Error> {
  const how = await within(LAST_WORDS_MS, server.ended, () => undefined)
  if (how !== undefined) return new ServerFailed(`the server process ${how}`)
  return new LoadFailed(`the load came to nothing: ${why}`)
}
