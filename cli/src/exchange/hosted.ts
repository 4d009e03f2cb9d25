import { writeSync } from 'node:fs'
import { FileJournal, JournalError } from '@switchyard/adapters/journal'
import type { JournalOptions, JournalStatistics } from '@switchyard/adapters/journal'
import { Engine, Exchange } from '@switchyard/protocols/exchange'
import type { EngineOptions, ExchangeOptions } from '@switchyard/protocols/exchange'
import { EXIT, Failure, Misuse } from '../exit.ts'
import { Progress } from '../progress.ts'
import { authorizer, isOpenToOthers, readAccounts } from './accounts-file.ts'
import type { Command } from 'commander'

export interface ExchangeFlags {
  readonly journal?: string
  readonly accounts?: string
}

export function addExchangeOptions(command: Command): Command {
  return command
    .option('--journal <folder>', 'exchange: keeps every command there, and goes on from what is there')
    .option('--accounts <file>', 'exchange: who may log in; default: four accounts to try it with')
}

/** An exchange with accounts of its own and, if it was asked for, a journal on the disk. */
export class HostedExchange implements AsyncDisposable {
  readonly protocol: Exchange
  readonly #journal: FileJournal | undefined

  private constructor(protocol: Exchange, journal: FileJournal | undefined) {
    this.protocol = protocol
    this.#journal = journal
  }

  /**
   * Undefined for another protocol. Throws Misuse for options that it does not have, and Failure if the journal can't be used.
   * `warn` is told of what is allowed and unwise.
   */
  static async open(
    { journal: folder, accounts: path }: ExchangeFlags,
    protocol: string,
    limits: Readonly<Record<string, number>>,
    now: () => number,
    warn: (text: string) => void,
  ): Promise<HostedExchange | undefined> {
    if (protocol !== 'exchange') {
      if (folder === undefined && path === undefined) return undefined
      throw new Misuse(`--journal and --accounts are for --protocol exchange, not for ${protocol}.`)
    }
    const { dayMs = 0, loadAccounts = 0, ...own } = limits
    const who = path === undefined ? await demonstration(loadAccounts) : accountsIn(path, warn)
    const engine = inWords(path, () => new Engine(who))
    const journal =
      folder === undefined ? undefined : await readingJournal((options) => FileJournal.open(folder, engine, options))
    const epochMs = Date.now() - now()
    const exchange = new Exchange(
      {
        ...who,
        ...own,
        epochMs,
        ...(journal && { journal }),
        ...(dayMs > 0 && { day: { firstEnd: epochMs + now() + dayMs, ms: dayMs } }),
      },
      engine,
    )
    return new HostedExchange(exchange, journal)
  }

  /** For whoever starts it: what was there when it began. */
  get words(): string {
    const { session, totals } = this.protocol.engine
    const recovered = this.#journal?.recovered
    if (!recovered) return 'day 1, without --journal: what is traded is lost when this ends'
    const torn = recovered.tornBytes > 0 ? `; cut ${recovered.tornBytes} bytes that nobody was told of` : ''
    const { commands, ms } = recovered
    return `day ${session}: ${totals.orders} orders, ${totals.open} open; replayed ${commands} commands in ${(ms / 1000).toFixed(2)} s${torn}`
  }

  get statistics(): JournalStatistics | undefined {
    return this.#journal?.statistics
  }

  /** `ServeOptions.commit`, where there is something to commit to. A journal that fails ends the process: nothing may be answered. */
  get commit(): { readonly commit?: () => Promise<void> | undefined } {
    const journal = this.#journal
    return journal ? { commit: () => journal.sync()?.catch(end) } : {}
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal?.close()
  }
}

/** Reads a journal, with progress on a terminal. Throws Failure for what is wrong with it. */
export async function readingJournal<T>(read: (options: Pick<JournalOptions, 'onProgress'>) => Promise<T>): Promise<T> {
  const progress = new Progress()
  try {
    return await read({
      onProgress: ({ read: bytes, of }) => progress.show(`reading the journal: ${Math.floor((100 * bytes) / of)} %`),
    })
  } catch (error) {
    throw error instanceof JournalError ? new Failure(error.message, { cause: error }) : error
  } finally {
    progress.clear()
  }
}

/** With the accounts that a judged one has. Its suite is loaded by nothing else of `serve`. */
async function demonstration(loadAccounts: number): Promise<ExchangeOptions> {
  const { judgedOptions } = await import('@switchyard/protocols/exchange/suite')
  return judgedOptions({ loadAccounts })
}

function accountsIn(path: string, warn: (text: string) => void): EngineOptions & Pick<ExchangeOptions, 'authorize'> {
  const file = readAccounts(path)
  if (isOpenToOthers(path)) warn(`--accounts ${path} can be read by others: chmod 600 ${path}`)
  const accounts = file.accounts.map(({ name, onDisconnect = 'rest', watches = false }) => ({
    name,
    onDisconnect,
    watches,
  }))
  return { accounts, symbols: file.symbols, authorize: authorizer(file) }
}

function inWords<T>(path: string | undefined, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof RangeError) throw new Misuse(`--accounts ${path}: ${error.message}.`, { cause: error })
    throw error
  }
}

function end(error: unknown): never {
  writeSync(process.stderr.fd, `${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(EXIT.failed)
}
