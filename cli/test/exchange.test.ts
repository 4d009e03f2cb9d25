/** An exchange as one runs it: accounts in a file, a journal on the disk, and what is said when something is wrong with either. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enter, login, packet } from '@switchyard/protocols/exchange/suite'
import { afterAll, describe, expect, it } from 'vitest'
import { authorizer, readAccounts } from '../src/exchange/accounts-file.ts'
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

/** As it stands in a file whose hash is the password itself. */
function storedAccount(name: string, password: string): StoredAccount {
  return { name, password: `c2FsdA==:${Buffer.from(password.padEnd(32)).toString('base64')}` }
}

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

  it('cost every refusal the same work, whatever was wrong', async () => {
    const accounts = [storedAccount('ANN', 'right'), storedAccount('BOB', 'right')]
    let work: string[] = []
    const counted: PasswordWork = {
      digest: (_, password) => (work.push('digest'), Buffer.from(password.padEnd(32))),
      hash: (password) => (work.push('hash'), Buffer.from(password.padEnd(32))),
    }
    let now = 0
    const authorize = authorizer({ accounts }, () => now, counted)
    const workFor = (name: string, password: string): readonly string[] => {
      work = []
      expect(authorize(name, Buffer.from(password))).toBe(false)
      return work
    }
    expect(authorize('ANN', Buffer.from('right'))).toBe(true)
    const tries = [
      ['ANN', 'wrong'],
      ['BOB', 'wrong'],
      ['NOBODY', 'wrong'],
      ['NOBODY', 'right'],
    ] as const
    for (const [name, password] of tries) expect(workFor(name, password), name).toEqual(['digest', 'hash'])
    // In a second somebody tries ten thousand times: after the first ones no hash is made, and nothing tells accounts apart either.
    let hashes = 0
    for (let tried = 0; tried < 10_000; tried++, now += 0.1) {
      hashes += workFor('NOBODY', 'wrong').filter((each) => each === 'hash').length
    }
    expect(hashes).toBeLessThanOrEqual(80)
    while (workFor('NOBODY', 'wrong').length > 1);
    for (const [name, password] of tries) expect(workFor(name, password), name).toEqual(['digest'])
    expect(authorize('ANN', Buffer.from('right'))).toBe(true)
  })

  it('of which too many passwords are tried are not looked up any more, but for those that logged in before', async () => {
    const path = newPath()
    const password = (await switchyard('account', path, 'ANN')).stdout.trim()
    let now = 0
    const authorize = authorizer(readAccounts(path), () => now)
    const right = Buffer.from(password, 'latin1')
    for (let tries = 0; tries < 40; tries++) expect(authorize('ANN', Buffer.from('wrong'))).toBe(false)
    expect(authorize('ANN', right)).toBe(false)
    now += 25
    expect(authorize('ANN', right)).toBe(true)
    for (let tries = 0; tries < 40; tries++) expect(authorize('ANN', Buffer.from('wrong'))).toBe(false)
    expect(authorize('ANN', right)).toBe(true)
  })

  it.each([
    ['no JSON', '{', 'is no JSON'],
    ['no list', '{}', 'has no list "accounts"'],
    ['no name', '{"accounts": [{}]}', 'account 1 has no name'],
    ['no password', '{"accounts": [{"name": "ANN"}]}', 'account "ANN" has no password as this program writes it'],
    ['a long name', '{"accounts": [{"name": "TOOLONG", "password": "a:b"}]}', 'it must be 1 to 6 letters and digits'],
    ['twice', '{"accounts": [{"name": "A", "password": "a:b"}, {"name": "A", "password": "a:b"}]}', 'is there twice'],
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
