/** An exchange as one runs it: accounts in a file, a journal on the disk, and what is said when something is wrong with either. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enter, login, packet } from '@switchyard/protocols/exchange/suite'
import { afterAll, describe, expect, it } from 'vitest'
import { addAccount, authorizer, readAccounts, WORK } from '../src/exchange/accounts-file.ts'
import type { PasswordWork, StoredAccount } from '../src/exchange/accounts-file.ts'
import { HostedExchange } from '../src/exchange/hosted.ts'
import { Serving, switchyard } from './switchyard.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-exchange-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newPath = (): string => join(folder, String(++files))

/** Sends these bytes, and reads so many. */
async function answered(port: number, bytes: readonly Uint8Array[], length: number): Promise<Buffer> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  socket.write(Buffer.concat(bytes))
  let answer = Buffer.alloc(0)
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, Buffer.from(chunk)])
    if (answer.length >= length) break
  }
  socket.destroy()
  return answer
}

/** The sign of a password that begins with r is 0, and its hash is the password itself. Notes in `work` what it is asked for. */
const countedIn = (work: string[]): PasswordWork => ({
  digest: (_, text) => (work.push('digest'), Buffer.from(text.padStart(32)).fill(/\br\w*$/.test(text) ? 0 : 1, 0, 1)),
  hash: (password) => (work.push('hash'), Buffer.from(password.padEnd(32))),
})
/** As it stands in a file of such hashes. */
function storedAccount(name: string, password: string): StoredAccount {
  return { name, password: `c2FsdA==:${Buffer.from(`\0${password.padEnd(32)}`).toString('base64')}` }
}

const STORED = storedAccount('A', 'right').password
const ACCEPTED_LOGIN = 33
const ACCEPTED_ORDER = 69

describe('accounts', () => {
  it('are added, each with a password that is shown once, to a file that only its owner reads', async () => {
    const path = newPath()
    const ann = await switchyard('account', path, 'ANN')
    const carl = await switchyard('account', path, 'CARL', '--cancel')
    expect([ann.code, carl.code]).toEqual([0, 0])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain(ann.stdout.trim())
    const file = readAccounts(path)
    expect(file.accounts).toMatchObject([
      { name: 'ANN', onDisconnect: 'rest' },
      { name: 'CARL', onDisconnect: 'cancel' },
    ])
    const authorize = authorizer(file)
    const padded = (password: string): Uint8Array => Buffer.from(password.trim().padEnd(10), 'latin1')
    expect(authorize('ANN', padded(ann.stdout))).toBe(true)
    expect(authorize('ANN', padded(carl.stdout))).toBe(false)
    expect(authorize('NOBODY', padded(ann.stdout))).toBe(false)
    expect((await switchyard('account', path, 'ANN')).stderr).toContain('has an account "ANN" already')
  })

  it('cost every refusal the same work, whatever was wrong', () => {
    const work: string[] = []
    let now = 0
    const accounts = [storedAccount('ANN', 'right'), storedAccount('BOB', 'right')]
    const authorize = authorizer({ accounts }, () => now, countedIn(work))
    const workFor = (name: string, password: string): readonly string[] => {
      work.length = 0
      expect(authorize(name, Buffer.from(password))).toBe(false)
      return [...work]
    }
    expect(authorize('ANN', Buffer.from('right'))).toBe(true)
    const names = ['ANN', 'BOB', 'NOBODY']
    for (const name of names) {
      expect(workFor(name, 'wrong'), name).toEqual(['digest', 'digest'])
      // The sign is right by chance: hashed once, and never again.
      expect(workFor(name, 'rubbish'), name).toEqual(['digest', 'digest', 'hash'])
      expect(workFor(name, 'rubbish'), name).toEqual(['digest', 'digest'])
    }
    for (let tries = 0; tries < 40; tries++) workFor('NOBODY', `r${tries}`)
    for (const name of names) expect(workFor(name, 'rest'), name).toEqual(['digest', 'digest'])
    expect(authorize('ANN', Buffer.from('right'))).toBe(true)
    expect(authorize('BOB', Buffer.from('right'))).toBe(false)
    now += 25
    expect(authorize('BOB', Buffer.from('right'))).toBe(true)
  })

  it('log in for the first time while somebody tries ten thousand passwords a second', () => {
    const path = newPath()
    const password = Buffer.from(addAccount(path, { name: 'ANN' }))
    let [now, hashes] = [0, 0]
    const hash: PasswordWork['hash'] = (tried, salt) => (hashes++, WORK.hash(tried, salt))
    const authorize = authorizer(readAccounts(path), () => now, { ...WORK, hash })
    for (let tries = 0; tries < 10_000; tries++, now += 0.099) {
      expect(authorize(tries % 2 === 0 ? 'ANN' : 'NOBODY', Buffer.from(String(tries)))).toBe(false)
    }
    expect(hashes).toBeLessThan(79)
    expect(authorize('ANN', password)).toBe(true)
  })

  it.each([
    ['no JSON', '{', 'is no JSON'],
    ['no list', '{}', 'has no list "accounts"'],
    ['no name', '{"accounts": [{}]}', 'account 1 has no name'],
    ['no password', '{"accounts": [{"name": "ANN"}]}', 'account "ANN" has no password as this program writes it'],
    ['a short hash', '{"accounts": [{"name": "ANN", "password": "a:b"}]}', 'has no password as this program writes it'],
    [
      'a long name',
      `{"accounts": [{"name": "TOOLONG", "password": "${STORED}"}]}`,
      'it must be 1 to 6 letters and digits',
    ],
    [
      'twice',
      `{"accounts": [{"name": "A", "password": "${STORED}"}, {"name": "A", "password": "${STORED}"}]}`,
      'is there twice',
    ],
    ['no symbol', '{"symbols": ["é"], "accounts": []}', 'capital letters and digits'],
  ])('%s: says what is wrong, and where', async (_, text, words) => {
    const path = newPath()
    writeFileSync(path, text)
    const opened = HostedExchange.open(
      { accounts: path },
      'exchange',
      {},
      () => 0,
      () => {},
    )
    await expect(opened).rejects.toThrow(words)
    await expect(opened).rejects.toThrow(path)
  })

  it('and journals are for an exchange', async () => {
    const { code, stderr } = await switchyard('serve', 'reactor', '--journal', newPath())
    expect([code, stderr]).toEqual([3, '--journal and --accounts are for --protocol exchange, not for router.\n'])
  })
})

describe('a journal', () => {
  it('outlives SIGKILL: another pattern goes on from it, and a replay says what is in it', async () => {
    const journal = newPath()
    const exchange = ['--protocol', 'exchange', '--journal', journal]
    await using first = await Serving.start('mutex', exchange)
    await first.said(/day 1: 0 orders/)
    const order = packet('U', enter('a1', { shares: 7 }))
    const told = await answered(first.port, [login('ANN', 'pwANN'), order], ACCEPTED_LOGIN + ACCEPTED_ORDER)
    first.kill('SIGKILL')
    await first.ended()
    await using second = await Serving.start('reactor', exchange)
    await second.said(/day 1: 1 orders, 1 open; replayed 1 commands/)
    const again = await answered(second.port, [login('ANN', 'pwANN', '', 1)], ACCEPTED_LOGIN + ACCEPTED_ORDER)
    expect(again.subarray(ACCEPTED_LOGIN)).toEqual(told.subarray(ACCEPTED_LOGIN))
    const busy = await switchyard('serve', 'race', ...exchange)
    expect([busy.code, busy.stderr]).toEqual([1, expect.stringContaining(`belongs to process ${second.pid}`)])
    second.kill('SIGTERM')
    expect(await second.ended()).toBe(0)
    const { code, stdout } = await switchyard('replay-journal', journal)
    expect(code).toBe(0)
    expect(stdout).toContain('from the snapshot at batch 1')
    expect(stdout).toMatch(/ANN +1 +7 +0 +0 +7\n/)
  })

  it('that is damaged is refused, in words', async () => {
    const journal = newPath()
    await using serving = await Serving.start('reactor', ['--protocol', 'exchange', '--journal', journal])
    serving.kill('SIGTERM')
    await serving.ended()
    writeFileSync(join(journal, 'day-000001.journal'), 'SWJ9 and what may be behind that')
    const { code, stderr } = await switchyard('replay-journal', journal)
    expect([code, stderr]).toEqual([1, expect.stringContaining('is of version SWJ9, and this program reads SWJ1')])
    expect((await switchyard('replay-journal', newPath())).stderr).toContain('There is no folder')
  })
})
