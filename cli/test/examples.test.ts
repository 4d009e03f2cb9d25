/** The servers of `examples/`, each judged where the machine has what it needs; where it has not, that is said. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command, diagnose, verify } from '@switchyard/conformance'
import { CASES, CAUSES, ROUTER } from '@switchyard/protocols/router/suite'
import type { Profile } from '@switchyard/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { switchyard } from './switchyard.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))
const MINUTE = 60_000
/** Building may have to wait for a machine that has other things to do, ms. */
const BUILD_MS = 3 * MINUTE

/** Where binaries are built, so that the checkout stays as it is. */
let built = ''
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'switchyard-examples-'))
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

interface Example {
  readonly language: string
  readonly tool: string
  readonly profile: Profile
  /** Answers with the command that starts the server. */
  readonly build: () => string
}

const SERVERS: readonly Example[] = [
  {
    language: 'Python',
    tool: 'python3',
    profile: 'full',
    build: () => `exec python3 ${EXAMPLES}python/server.py {port}`,
  },
  {
    language: 'C',
    tool: 'cc',
    profile: 'basic',
    build: () => {
      run(
        'cc',
        '-std=c11',
        '-O2',
        '-Wall',
        '-Wextra',
        '-Wpedantic',
        '-Werror',
        '-o',
        `${built}/server`,
        `${EXAMPLES}c/server.c`,
      )
      return `exec ${built}/server {port}`
    },
  },
  {
    language: 'Rust',
    tool: 'cargo',
    profile: 'basic',
    build: () => {
      const manifest = ['--manifest-path', `${EXAMPLES}rust/Cargo.toml`, '--target-dir', `${built}/rust`]
      run('cargo', 'build', '--release', '--offline', '--locked', ...manifest)
      return `exec ${built}/rust/release/router {port}`
    },
  },
]

describe.each(SERVERS)('the example in $language', ({ language, tool, profile, build }) => {
  it(
    `keeps what the ${profile} profile asks for`,
    async ({ skip }) => {
      const missing = whyMissing(tool)
      if (missing !== undefined) {
        process.stdout.write(`The example in ${language} is not judged here: ${missing}\n`)
        skip(missing)
      }
      await using target = command(build())
      const report = await verify(ROUTER, target, { profile })
      const failures = report.results.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'not-applicable')
      expect(failures.map(({ case: id, message }) => `${id}: ${message}`)).toEqual([])
      expect(report.overall).toBe('passed')
    },
    BUILD_MS + 2 * MINUTE,
  )
})

describe('the servers of the guide', () => {
  it('the one of the first hour takes each read for a message', async ({ skip }) => {
    const missing = whyMissing('python3')
    if (missing !== undefined) skip(missing)
    await using target = command(`exec python3 ${EXAMPLES}python/first_hour.py {port}`)
    const report = await verify(ROUTER, target, {
      cases: CASES.filter(({ id }) => /^R1\.1-id-as-it|-in-a-segment$|-at-a-segment$/.test(id)),
      stillMs: 1_000,
    })
    expect(diagnose(report, CAUSES).map(({ cause }) => cause?.id)).toEqual(['one-message-per-read'])
  })

  it('the one of the first day keeps the basic profile', async ({ skip }) => {
    const missing = whyMissing('python3')
    if (missing !== undefined) skip(missing)
    await using target = command(`exec python3 ${EXAMPLES}python/first_day.py {port}`)
    expect((await verify(ROUTER, target, { profile: 'basic' })).summary).toMatch(/^\d+ passed$/)
  })
})

it(
  'the command says passed, with exit code 0',
  async ({ skip }) => {
    const missing = whyMissing('python3')
    if (missing !== undefined) skip(missing)
    const server = `exec python3 ${EXAMPLES}python/server.py {port}`
    const { code, stdout } = await switchyard('verify', '--profile', 'basic', '--exec', server)
    expect(stdout).toMatch(/passed\. \d+ passed/)
    expect(code).toBe(0)
  },
  MINUTE,
)

describe('an example that is given nonsense says so', () => {
  it.each([
    [['port'], {}, 3, /the port is .*port.*: it must be a whole number from 0/],
    [['0'], { SWITCHYARD_MESSAGE_BYTES_MAX: 'many' }, 3, /SWITCHYARD_MESSAGE_BYTES_MAX is .*many.*: it must be/],
    [['0'], { SWITCHYARD_LINGER_MS: '0' }, 3, /SWITCHYARD_LINGER_MS is .*0.*: it must be a whole number from 1/],
  ] as const)('%j %j', (args, environment, code, sentence) => {
    const env = { ...process.env, ...environment }
    const { error, status, stderr } = spawnSync('python3', [`${EXAMPLES}python/server.py`, ...args], {
      env,
      encoding: 'utf8',
    })
    if (error) return
    expect({ status, stderr }).toEqual({ status: code, stderr: expect.stringMatching(sentence) })
  })
})

function run(tool: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(tool, args, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}

/** Undefined if the machine has it. */
function whyMissing(tool: string): string | undefined {
  const { error, status } = spawnSync(tool, ['--version'], { encoding: 'utf8' })
  if (error) return `${tool} is not on the PATH`
  return status === 0 ? undefined : `${tool} --version ends with exit code ${status}`
}
