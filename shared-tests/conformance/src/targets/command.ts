import type { Limits } from '@switchyard/core'
import { Command, environmentOf, settlesWithin } from '@switchyard/harness'
import { Failed } from '../failed.ts'
import type { Options } from '../suite.ts'
import { addressSite } from './address.ts'
import { Unreachable } from './target.ts'
import type { Site, Target, Wishes } from './target.ts'

/** Where all commands listen. */
const HOST = '127.0.0.1'
/** How long a server may take to end whose connections have ended, ms: its end explains theirs. */
const END_MS = 200

/**
 * A server that a command starts: `{port}` in it, and SWITCHYARD_PORT, say where it shall listen; every limit is an
 * environment variable such as SWITCHYARD_MESSAGE_BYTES_MAX, and so is every option that a case sets. One process serves
 * cases for as long as they ask for the same limits and do not count connections or shut it down.
 */
export function command(line: string): Target {
  let running: { readonly key: string; readonly server: Command } | undefined

  async function open(limits: Limits, forCase: Wishes = { needs: [] }): Promise<Site> {
    const alone = needsItsOwn(forCase)
    const key = JSON.stringify([limits, forCase.options])
    if (running && (alone || running.key !== key || running.server.over)) {
      await running.server[Symbol.asyncDispose]()
      running = undefined
    }
    const server = running?.server ?? (await startCommand(line, limits, forCase.options))
    if (!alone) running = { key, server }
    return {
      ...addressSite(HOST, server.port),
      shutdown: () => shutDown(server),
      async account() {
        await settlesWithin(END_MS, server.gone)
        return accountOf(server)
      },
      async release(spoilt) {
        if (!alone && !spoilt) return
        await server[Symbol.asyncDispose]()
        if (running?.server === server) running = undefined
      },
    }
  }

  return {
    name: line,
    offers: ['wire', 'limits', 'signal'],
    open,
    async [Symbol.asyncDispose]() {
      await running?.server[Symbol.asyncDispose]()
    },
  }
}

function needsItsOwn({ needs, limits = {} }: Wishes): boolean {
  return needs.includes('signal') || limits.connectionsMax !== undefined || limits.idsMax !== undefined
}

/**
 * Settles when it listens; rejects with Unreachable if it never does. Tries twice: the port was free when it was chosen, which
 * is all that can be said of it.
 */
export async function startCommand(line: string, limits: Limits, options: Options = {}): Promise<Command> {
  let why = ''
  for (let attempt = 1; attempt <= 2; attempt++) {
    const server = await Command.start(line, environmentOf({ ...limits, ...options }))
    const instead = await server.listening()
    if (instead === undefined) return server
    why = `\`${line}\` ${instead}${server.over ? ' before it listened on' : ': it should listen on 127.0.0.1,'} port ${server.port}\n${accountOf(server)}`
    await server[Symbol.asyncDispose]()
  }
  throw new Unreachable(why.trim())
}

/** SIGTERM, to judge what comes of it. Rejects with Failed unless the server ends with exit code 0. */
async function shutDown(server: Command): Promise<void> {
  const end = await server.shutDown()
  if (end.state === 'wrapper') {
    throw new Failed(
      `after SIGTERM, the server's process ended, and the command around it ${end.how}, not with exit code 0`,
    )
  }
  if (!end.ok) throw new Failed(`after SIGTERM, the process ${server.how()}, not with exit code 0`)
}

function accountOf(server: Command): string {
  const lines = server.lines().map((line) => `  stderr: ${line}`)
  return [...(server.over ? [`  server: the process ${server.how()}`] : []), ...lines].join('\n')
}
