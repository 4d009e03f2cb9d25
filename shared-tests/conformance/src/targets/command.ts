import type { Limits } from '@switchyard/core'
import { Command, environmentOf, settlesWithin } from '@switchyard/harness'
import { Failed } from '../failed.ts'
import type { Options } from '../suite.ts'
import { addressSite } from './address.ts'
import { Doorway } from './doorway.ts'
import { Unreachable } from './target.ts'
import type { Site, Target, Wishes } from './target.ts'

/** Where all commands listen. */
const HOST = '127.0.0.1'
/** How long a server may take to end whose connections have ended, ms: its end explains theirs. */
const END_MS = 200

/** How long a server may take to die of its clients' leaving, so that this case is blamed for it and not the next one, ms. */
const BEHIND_MS = 20
/** How many servers run at a time, each for one case; as many more may be idle, for cases with the same limits. */
const AT_ONCE = 4

/**
 * A server that a command starts: `{port}` in it, and SWITCHYARD_PORT, say where it shall listen; every limit is an
 * environment variable such as SWITCHYARD_MESSAGE_BYTES_MAX, and so is every option that a case sets. One process serves one case
 * after the other that asks for the same limits, unless they count connections or shut it down.
 */
export function command(line: string): Target {
  const idle: { readonly key: string; readonly server: Command }[] = []
  const running = new Set<Command>()
  const findings = new Set<string>()
  const ending = new Set<Promise<void>>()

  /** Nobody waits for its end but the disposal: the next case has a server of its own. */
  function end(server: Command): void {
    running.delete(server)
    const ended = server[Symbol.asyncDispose]().finally(() => ending.delete(ended))
    ending.add(ended)
  }

  async function open(limits: Limits, forCase: Wishes = { needs: [] }): Promise<Site> {
    const alone = needsItsOwn(forCase)
    const key = JSON.stringify([limits, forCase.options])
    const at = alone ? -1 : idle.findIndex((each) => each.key === key && !each.server.over)
    const [found] = at < 0 ? [] : idle.splice(at, 1)
    const server = found?.server ?? (await startCommand(line, limits, forCase.options))
    running.add(server)
    const doorway = new Doorway(HOST, server.port)
    // Some protocols have a message that ends the server: a case that proves it says that it needs `signal`.
    let asked = forCase.needs.includes('signal')
    return {
      ...addressSite(HOST, server.port),
      connect: () => doorway.enter(),
      cpuMicros: () => server.cpuMicros(),
      shutdown: () => {
        asked = true
        return shutDown(server)
      },
      ended: () => server.over && !asked,
      async account() {
        await settlesWithin(END_MS, server.gone)
        return accountOf(server)
      },
      async release(spoilt) {
        if (doorway.narrow) findings.add('waits-to-be-let-in')
        const died = !asked && !spoilt && (await settlesWithin(BEHIND_MS, server.gone))
        if (alone || spoilt || died) end(server)
        else idle.push({ key, server })
        for (const each of idle.splice(0, Math.max(0, idle.length - AT_ONCE))) end(each.server)
        if (!died) return
        const account = `after the case's clients had left, the process ${server.how()}\n${accountOf(server)}`
        throw new Failed(account.trimEnd(), { code: 'ended-behind', exited: true })
      },
    }
  }

  return {
    name: line,
    offers: ['wire', 'limits', 'signal'],
    atOnce: AT_ONCE,
    open,
    findings: () => [...findings],
    async [Symbol.asyncDispose]() {
      idle.length = 0
      for (const server of running) end(server)
      await Promise.all(ending)
    },
  }
}

function needsItsOwn({ needs, limits = {} }: Wishes): boolean {
  return needs.includes('signal') || limits.connectionsMax !== undefined || limits.idsMax !== undefined
}

/**
 * Settles when it listens; rejects with Unreachable if it never does. Tries twice if it ended: the port was free when it was
 * chosen, which is all that can be said of it.
 */
export async function startCommand(line: string, limits: Limits, options: Options = {}): Promise<Command> {
  let why = ''
  for (let attempt = 1; attempt <= 2; attempt++) {
    const server = await Command.start(line, environmentOf({ ...limits, ...options }))
    const instead = await server.listening()
    if (instead === undefined) return server
    const { over } = server
    why = `\`${line}\` ${instead}${server.over ? ' before it listened on' : ': it should listen on 127.0.0.1,'} port ${server.port}\n${accountOf(server)}`
    await server[Symbol.asyncDispose]()
    if (!over) break
  }
  throw new Unreachable(why.trim())
}

/** SIGTERM, to judge what comes of it. Rejects with Failed unless the server ends with exit code 0. */
async function shutDown(server: Command): Promise<void> {
  const end = await server.shutDown()
  if (end.state === 'wrapper') {
    throw new Failed(
      `after SIGTERM, the server's process ended, and the command around it ${end.how}, not with exit code 0`,
      'exit-code',
    )
  }
  if (end.ok) return
  throw new Failed(
    `after SIGTERM, the process ${server.how()}, not with exit code 0`,
    end.bySigterm ? 'killed-by-sigterm' : 'exit-code',
  )
}

function accountOf(server: Command): string {
  const lines = server.lines().map((line) => `  stderr: ${line}`)
  return [...(server.over ? [`  server: the process ${server.how()}`] : []), ...lines].join('\n')
}
