import type { Limits } from '@switchyard/core'
import type { Site, Target, Wishes } from './target.ts'
import { addressSite } from './address.ts'
import { HOST, startCommand } from './command-process.ts'
import type { CommandProcess } from './command-process.ts'

/**
 * A server that a command starts: `{port}` in it, and SWITCHYARD_PORT, say where it shall listen; every limit is an
 * environment variable such as SWITCHYARD_MESSAGE_BYTES_MAX, and so is every option that a case sets. One process serves
 * cases for as long as they ask for the same limits and do not count connections or shut it down.
 */
export function command(line: string): Target {
  let running: { readonly key: string; readonly process: CommandProcess } | undefined

  async function open(limits: Limits, forCase: Wishes = { needs: [] }): Promise<Site> {
    const alone = needsItsOwn(forCase)
    const key = JSON.stringify([limits, forCase.options])
    if (running && (alone || running.key !== key || running.process.ended)) {
      await running.process.end()
      running = undefined
    }
    const process = running?.process ?? (await startCommand(line, limits, forCase.options))
    if (!alone) running = { key, process }
    return {
      ...addressSite(HOST, process.port),
      shutdown: () => process.shutDown(),
      account: () => process.lastWords(),
      async release(spoilt) {
        if (!alone && !spoilt) return
        await process.end()
        if (running?.process === process) running = undefined
      },
    }
  }

  return {
    name: line,
    offers: ['wire', 'limits', 'signal'],
    open,
    async [Symbol.asyncDispose]() {
      await running?.process.end()
    },
  }
}

function needsItsOwn({ needs, limits = {} }: Wishes): boolean {
  return needs.includes('signal') || limits.connectionsMax !== undefined || limits.idsMax !== undefined
}
