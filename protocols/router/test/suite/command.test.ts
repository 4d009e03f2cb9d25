import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { command, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { CaseResult, Report } from '@switchyard/conformance'
import type { Case } from '@switchyard/protocols/router/suite'
import type { ClauseId } from '@switchyard/protocols/router/suite'

const SERVER = `${JSON.stringify(process.execPath)} ${JSON.stringify(fileURLToPath(new URL('fixtures/server.mjs', import.meta.url)))}`

describe('a server that a command starts', () => {
  test('passes the basic profile', async () => {
    await using target = command(`${SERVER} {port}`)
    const report = await verify(ROUTER, target, { profile: 'basic' })
    expect(report.results.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
    expect(report.overall).toBe('passed')
  })

  test('gets its limits as environment variables', async () => {
    await using target = command(`${SERVER} {port}`)
    const report = await verify(ROUTER, target, { cases: casesOf('R5.1', 'R5.2') })
    expect(failures(report)).toEqual([])
    expect(report.overall).toBe('passed')
  })

  test('gets its port as a variable too', async () => {
    await using target = command(`${SERVER} $SWITCHYARD_PORT`)
    expect((await verify(ROUTER, target, { cases: casesOf('R3.6') })).overall).toBe('passed')
  })

  test('is shut down by SIGTERM, and exits with 0', async () => {
    await using target = command(`${SERVER} {port}`)
    const report = await verify(ROUTER, target, { cases: [idleShutdown()] })
    expect(failures(report)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')(
    'passes with an accept queue of five, though many come at the same moment; that is a finding',
    async () => {
      await using target = command(`${SERVER} {port} 'accepts late'`)
      const cases = CASES.filter(({ id }) => id === 'R2.1-different-ids-at-one-moment')
      const { results, findings } = await verify(ROUTER, target, { cases })
      expect(results.map(({ verdict, message }) => verdict + message)).toEqual(['passed'])
      expect(findings).toEqual(['waits-to-be-let-in'])
    },
  )

  test('that greets at once and is slow otherwise gets patience: for the first failure of a cause, and then for all of it', async () => {
    await using target = command(`${SERVER} {port} 'takes its time'`)
    const ids = [
      'R1.2-nothing-before-the-id',
      'R1.3-empty-body',
      'R1.4-not-a-byte-more',
      'R1.4-body-like-a-message',
      'R3.6-to-itself',
    ]
    const cases = CASES.filter(({ id }) => ids.includes(id))
    const seen: string[] = []
    const { results } = await verify(ROUTER, target, { cases, onProgress: ({ verdict }) => seen.push(verdict) })
    expect(results.map(({ verdict, message }) => verdict + message)).toEqual(cases.map(() => 'passed'))
    expect(seen.filter((verdict) => verdict === 'failed').length).toBeGreaterThan(1)
  })

  test('has failed if it exits with another code', async () => {
    await using target = command(`${SERVER} {port} 'exits with 3'`)
    const { overall, results } = await verify(ROUTER, target, { cases: [idleShutdown()] })
    expect(overall).toBe('failed')
    expect(results[0]?.message).toContain('after SIGTERM, the process ended with exit code 3, not with exit code 0')
  })

  test('does not offer statistics', async () => {
    await using target = command(`${SERVER} {port}`)
    const { results } = await verify(ROUTER, target, { cases: casesOf('R5.4') })
    expect(results.map(({ verdict, message }) => `${verdict}: ${message}`)).toEqual([
      'not-applicable: needs statistics',
      'not-applicable: needs statistics',
      'not-applicable: needs statistics',
    ])
  })

  test('that dies fails the case that killed it, with its last words, and is started anew for the next one', async () => {
    await using target = command(`${SERVER} {port} dies`)
    const report = await verify(ROUTER, target, { cases: casesOf('R3.6', 'R3.7', 'R1.4'), stillMs: 2_000 })
    const verdicts = report.results.map(({ clause, verdict }) => `${clause} ${verdict}`)
    expect(verdicts.filter((each) => each.startsWith('R3.7'))).toContain('R3.7 failed')
    expect(verdicts.filter((each) => !each.startsWith('R3.7'))).toEqual(
      Array(4).fill(expect.stringMatching(/ passed$/)),
    )
    expect(failures(report)[0]?.message).toContain('stderr: TypeError: there is no such client')
  })

  test('that ends at once is undecided, and says how it ended', async () => {
    await using target = command('echo out of order >&2; exit 7')
    const { overall, summary, results } = await verify(ROUTER, target)
    expect(overall).toBe('undecided')
    expect(summary).toContain('ended with exit code 7 before it listened')
    expect(summary).toContain('stderr: out of order')
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['undecided']))
  })

  test('that is not there is undecided', async () => {
    await using target = command('no-such-command-anywhere {port}')
    const { overall, summary } = await verify(ROUTER, target)
    expect(overall).toBe('undecided')
    expect(summary).toContain('was not found (exit code 127)')
  })

  test.skipIf(process.platform !== 'linux')(
    'that listens at another address is undecided, and is told so',
    async () => {
      const listens = `require('net').createServer().listen({port}, '::1')`
      await using target = command(`exec ${JSON.stringify(process.execPath)} -e "${listens}"`)
      const { overall, summary } = await verify(ROUTER, target)
      expect(overall).toBe('undecided')
      expect(summary).toContain('listens at another address than 127.0.0.1: it should listen on 127.0.0.1')
      expect(summary).not.toContain('SIGTERM')
    },
  )

  test('that has served and does not start again has failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-command-'))
    const once = `mkdir ${folder}/started || exit 4`
    await using target = command(`${once}; exec ${SERVER} {port}`)
    const { overall, results } = await verify(ROUTER, target, { cases: [idleShutdown()] })
    rmSync(folder, { recursive: true })
    expect(overall).toBe('failed')
    expect(results[0]?.message).toContain('ended with exit code 4 before it listened')
    expect(results[0]?.failure?.exited).toBe(true)
  })

  test('is gone when its target has been disposed of, with all that its shell started', async () => {
    const target = command(`${SERVER} {port} & ${SERVER} $((SWITCHYARD_PORT + 1)) & wait`)
    const site = await target.open((await import('@switchyard/core')).DEFAULT_LIMITS)
    const socket = await site.connect()
    const port = 'remotePort' in socket ? Number(socket.remotePort) : 0
    socket.on('error', () => {})
    await target[Symbol.asyncDispose]()
    for (const each of [port, port + 1]) expect(await answers(each)).toBe(false)
  })
})

function casesOf(...clauses: ClauseId[]): Case[] {
  return CASES.filter((each) => clauses.includes(each.clause))
}

function idleShutdown(): Case {
  const found = CASES.find(({ name }) => name.startsWith('an idle server that is shut down'))
  if (!found) throw new Error('the case has another name by now')
  return found
}

function failures({ results }: Report): CaseResult[] {
  return results.filter(({ verdict }) => verdict === 'failed')
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
