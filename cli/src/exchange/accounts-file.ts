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
/**
 * In front of a hash stands a byte of a cheap digest of the same password. A wrong one has another byte 255 times in 256, and is refused
 * for that: ten thousand tries a second leave hashes for those who log in meanwhile. It costs a password 8 of its 58 bits.
 */
const SIGN_BYTES = 1
/** Hashes that may be made in a second, and at once: whoever tries passwords costs a tenth of a core at most. */
const HASHES_PER_SECOND = 40
const HASHES_AT_ONCE = 40
/** Wrong passwords that were hashed are not hashed again: as many of them, and names, as that are remembered. */
const REFUSED_MAX = 4096
const SYMBOLS: readonly string[] = ['SWYD']

export interface StoredAccount extends AccountOptions {
  /** `salt:hash`, base64, the hash behind its sign. */
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
    if (typeof password !== 'string' || !isStored(password)) {
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
  const hash = Buffer.concat([WORK.digest(salt, password).subarray(0, SIGN_BYTES), WORK.hash(password, salt)])
  const stored = `${salt.toString('base64')}:${hash.toString('base64')}`
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

export const WORK: PasswordWork = {
  digest: (key, password) => createHmac('sha256', key).update(password).digest(),
  hash: (password, salt) => scryptSync(password, salt, HASH_BYTES, COST),
}

/**
 * Checks passwords. Whoever logged in once is known by a keyed digest, so that reconnecting costs nothing. Every refusal costs two
 * digests, and a hash where the sign was right by chance or too few were refused for it: of accounts that there are not as well.
 */
export function authorizer(
  { accounts }: Pick<AccountsFile, 'accounts'>,
  now: () => number = () => performance.now(),
  { digest, hash }: PasswordWork = WORK,
): ExchangeOptions['authorize'] {
  const key = randomBytes(HASH_BYTES)
  const stored = new Map(accounts.map(({ name, password }) => [name, decode(password)]))
  const none = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
  const known = new Map<string, Buffer>()
  const refused = new Set<string>()
  let [hashes, at] = [HASHES_AT_ONCE, now()]
  return (name, bytes) => {
    const password = Buffer.from(bytes).toString('latin1').trimEnd()
    const own = digest(key, `${name} ${password}`)
    const logged = known.get(name)
    // Compared with itself where there is none, so that both cases take as long.
    if (timingSafeEqual(logged ?? own, own) && logged) return true
    const account = stored.get(name)
    const { salt, hash: expected } = account ?? none
    const [sign] = digest(salt, password)
    // Without an account, 255 in 256 are refused all the same, and always the same ones.
    if (account ? sign !== account.sign : own[0] !== 0) return false
    const tried = own.toString('latin1')
    if (refused.delete(tried)) {
      refused.add(tried) // Forgotten last.
      return false
    }
    const time = now()
    hashes = Math.min(HASHES_AT_ONCE, hashes + ((time - at) / 1000) * HASHES_PER_SECOND)
    at = time
    if (hashes < 1) return false
    hashes--
    const right = timingSafeEqual(hash(password, salt), expected)
    if (right) known.set(name, own)
    else refused.add(tried)
    if (refused.size > REFUSED_MAX) refused.delete(refused.values().next().value ?? '')
    return right
  }
}

/** Whether it looks like what `addAccount` writes. */
function isStored(password: string): boolean {
  return /^[\w+/]+=*:[\w+/]+=*$/.test(password) && decode(password).hash.length === HASH_BYTES
}

function decode(password: string): { readonly salt: Buffer; readonly sign: number | undefined; readonly hash: Buffer } {
  const [salt, hash] = password.split(':').map((part) => Buffer.from(part, 'base64'))
  return { salt: salt ?? NOTHING, sign: hash?.[0], hash: hash?.subarray(SIGN_BYTES) ?? NOTHING }
}

const NOTHING = Buffer.alloc(0)

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
