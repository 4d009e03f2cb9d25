/**
 * Who may log in to an exchange: a file of names and salted hashes (scrypt). A password is made here and shown once; the file can't tell it.
 */
import { createHmac, randomBytes, randomInt, scryptSync, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import type { AccountOptions, ExchangeOptions } from '@switchyard/protocols/exchange'
import { Failure, Misuse } from '../exit.ts'

/** As long as a login has room for. */
const PASSWORD_LENGTH = 10
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const SALT_BYTES = 16
const HASH_BYTES = 32
/** 2.5 ms a hash: logins are checked on the thread that trades. Passwords are random, 58 bits of them. */
const COST = { N: 1024, r: 8, p: 1 }
/** Hashes that may be made in a second, and at once: whoever tries passwords costs a tenth of a core at most. */
const HASHES_PER_SECOND = 40
const HASHES_AT_ONCE = 40
const SYMBOLS: readonly string[] = ['SWYD']

export interface StoredAccount extends AccountOptions {
  /** `salt:hash`, base64. */
  readonly password: string
}

export interface AccountsFile {
  readonly symbols: readonly string[]
  readonly accounts: readonly StoredAccount[]
}

/** Throws Misuse for a file that is none, and says where. */
export function readAccounts(path: string): AccountsFile {
  const text = readText(path)
  const wrong = (what: string): never => {
    throw new Misuse(`--accounts ${path}: ${what}. \`switchyard account ${path} NAME\` makes a file, and adds to it.`)
  }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    return wrong(`is no JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  if (!isObject(file) || !Array.isArray(file.accounts)) return wrong('has no list "accounts"')
  const { symbols = SYMBOLS } = file
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === 'string')) {
    return wrong('"symbols" must be a list of names')
  }
  const accounts = file.accounts.map((account: unknown, index): StoredAccount => {
    if (!isObject(account) || typeof account.name !== 'string') return wrong(`account ${index + 1} has no name`)
    const { name, password, onDisconnect = 'rest', watches = false } = account
    if (typeof password !== 'string' || !/^[\w+/=]+:[\w+/=]+$/.test(password)) {
      return wrong(`account "${name}" has no password as this program writes it`)
    }
    if (onDisconnect !== 'rest' && onDisconnect !== 'cancel') {
      return wrong(`"onDisconnect" of account "${name}" must be "rest" or "cancel"`)
    }
    if (typeof watches !== 'boolean') return wrong(`"watches" of account "${name}" must be true or false`)
    return { name, password, onDisconnect, watches }
  })
  return { symbols, accounts }
}

/** Others than its owner can read it: they could try passwords against the hashes. */
export function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0
}

/** Adds an account to the file, which is made if there is none, and returns its password. Throws Misuse for a name that is there. */
export function addAccount(path: string, account: AccountOptions): string {
  const file = existsSync(path) ? readAccounts(path) : { symbols: SYMBOLS, accounts: [] }
  if (file.accounts.some(({ name }) => name === account.name)) {
    throw new Misuse(
      `${path} has an account "${account.name}" already. Take it out first, to give it another password.`,
    )
  }
  const password = Array.from({ length: PASSWORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  const salt = randomBytes(SALT_BYTES)
  const stored = `${salt.toString('base64')}:${WORK.hash(password, salt).toString('base64')}`
  const accounts = [...file.accounts, { ...account, password: stored }]
  try {
    writeFileSync(`${path}.part`, `${JSON.stringify({ ...file, accounts }, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${path}.part`, path)
  } catch (error) {
    throw new Failure(`${path} can't be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  return password
}

/** What checking a password costs: a test counts these. */
export interface PasswordWork {
  readonly digest: (key: Uint8Array, password: string) => Buffer
  readonly hash: (password: string, salt: Uint8Array) => Buffer
}

const WORK: PasswordWork = {
  digest: (key, password) => createHmac('sha256', key).update(password).digest(),
  hash: (password, salt) => scryptSync(password, salt, HASH_BYTES, COST),
}

/**
 * Checks passwords. Whoever logged in once is known by a keyed digest, so that reconnecting costs nothing; every refusal costs the same
 * digest and hash, whatever was wrong and whether there is such an account, or the digest alone when there were too many.
 */
export function authorizer(
  { accounts }: Pick<AccountsFile, 'accounts'>,
  now: () => number = () => performance.now(),
  { digest, hash }: PasswordWork = WORK,
): ExchangeOptions['authorize'] {
  const key = randomBytes(HASH_BYTES)
  const stored = new Map(accounts.map(({ name, password }) => [name, password.split(':')]))
  const none = [randomBytes(SALT_BYTES).toString('base64'), randomBytes(HASH_BYTES).toString('base64')]
  const known = new Map<string, Buffer>()
  let [hashes, at] = [HASHES_AT_ONCE, now()]
  return (name, bytes) => {
    const password = Buffer.from(bytes).toString('latin1').trimEnd()
    const own = digest(key, password)
    const logged = known.get(name)
    // Compared with itself where there is none, so that both cases take as long.
    if (timingSafeEqual(logged ?? own, own) && logged) return true
    const time = now()
    hashes = Math.min(HASHES_AT_ONCE, hashes + ((time - at) / 1000) * HASHES_PER_SECOND)
    at = time
    if (hashes < 1) return false
    hashes--
    const [salt = '', expected = ''] = stored.get(name) ?? none
    const right = timingSafeEqual(hash(password, Buffer.from(salt, 'base64')), Buffer.from(expected, 'base64'))
    if (right) known.set(name, own)
    return right
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Misuse(`--accounts ${path} can't be read (${code}): \`switchyard account ${path} NAME\` makes one.`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
