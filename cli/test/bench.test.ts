import { mkdir, mkdtemp, readFile, rm, watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readResults } from '@switchyard/bench'
import { describe, expect, it } from 'vitest'
import { BIN, switchyard } from './switchyard.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const ONE = ['bench', 'reactor', '--workload', 'pipelined-32', '--no-control', '--seed', '1']

describe('misuse of bench, report and diff is exit code 3 and a sentence', () => {
  it.each([
    [['bench', 'reacter'], 'Did you mean "reactor"?'],
    [['bench', '--workload', 'pipelined-33'], 'There is no workload "pipelined-33". There are: pipelined-32,'],
    [['bench', '--quick', '--full'], "option '--quick' cannot be used with option '--full'"],
    [['bench', '--rounds', '0'], '--rounds is "0": it must be a whole number from 1.'],
    [['bench', '--warmup', '60001'], '--warmup is "60001": it must be a whole number from 0 to 60000.'],
    [['bench', '--seed', 'x'], '--seed is "x"'],
    [['bench', '--peer', './server'], "it must be name='command {port}'"],
    [['bench', '--protocol', 'nobody.js'], '--protocol is "nobody.js": it must be one of'],
    [['bench', '--self-test', 'reactor', 'mutex'], '--self-test measures one pattern'],
    [['report', 'nowhere'], 'There is no nowhere/run.json'],
    [['diff', 'nowhere', 'elsewhere'], 'There is no nowhere/run.json'],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await switchyard(...args)
    expect(stderr).toContain(sentence)
    expect(stderr).not.toMatch(/^ +at /m)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })
})

describe('bench', () => {
  it('measures, writes a folder, and its report and diff follow from that alone', async () => {
    await using folder = await temporary()
    const out = join(folder.path, 'run')
    const { code, stdout } = await switchyard(...ONE, '--rounds', '2', '--warmup', '400', '--out', out)
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^pipelined-32: .*\nserver .*\nreactor /m),
    })
    const { run, blocks } = await readResults(out)
    expect(run).toMatchObject({
      schema: 1,
      made: {
        ended: 'complete',
        seed: 1,
        pace: { warmupMs: 400, measureMs: 300 },
        command: expect.stringContaining('bench reactor'),
      },
    })
    expect(run.machine).toMatchObject({ node: process.version, lock: expect.stringMatching(/^[0-9a-f]{12}$/) })
    expect(run.subjects.find(({ name }) => name === 'reactor')?.conformance.state).toBe('kept')
    expect(blocks.filter(({ subject }) => subject === 'reactor')).toHaveLength(2)
    expect(blocks.every(({ outcome }) => outcome.state === 'measured')).toBe(true)

    const page = await readFile(join(out, 'index.html'))
    expect((await switchyard('report', out)).code).toBe(0)
    expect(await readFile(join(out, 'index.html'))).toEqual(page)
    expect((await switchyard('report', out, '--markdown')).stdout).toContain('## pipelined-32')
    const diff = await switchyard('diff', out, out)
    expect(diff).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 of \d+ figures changed/) })

    const again = await switchyard(...ONE, '--out', out)
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('is not empty') })
  }, 90_000)

  it("measures a reader's own protocol, on the patterns, and nobody else", async () => {
    await using folder = await temporary()
    const out = join(folder.path, 'run')
    const own = ['--protocol', fixture('framed-protocol.mjs')]
    const ran = await switchyard(
      'bench',
      'mutex',
      'reactor',
      '--workload',
      'spread-32',
      '--rounds',
      '1',
      ...own,
      '--out',
      out,
    )
    expect(ran.stderr).toContain('index.html')
    const { run, blocks } = await readResults(out)
    expect(run.absent.join()).toContain('do not speak framed')
    expect(blocks.map(({ subject, outcome }) => `${subject} ${outcome.state}`).toSorted()).toEqual([
      'mutex measured',
      'reactor again measured',
      'reactor measured',
    ])
  }, 90_000)

  it('that is interrupted keeps what it has, and ends with exit code 2', async () => {
    await using folder = await temporary()
    const out = join(folder.path, 'run')
    await mkdir(out)
    const changes = watch(out)
    const child = spawn(process.execPath, [BIN, ...ONE, '--rounds', '100', '--out', out], { stdio: 'ignore' })
    try {
      for await (const _ of changes) if ((await blocksIn(out)) >= 2) break
      child.kill('SIGINT')
      await once(child, 'close')
    } finally {
      child.kill('SIGKILL')
    }
    expect(child.exitCode).toBe(2)
    const { run, blocks } = await readResults(out)
    expect(run.made.ended).toBe('interrupted')
    expect(blocks.length).toBeGreaterThanOrEqual(2)
    expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('The run was interrupted')
  }, 90_000)
})

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

async function temporary(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'switchyard-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** None as long as there is no whole file. */
async function blocksIn(out: string): Promise<number> {
  const results = await readResults(out).catch(() => undefined)
  return results?.blocks.length ?? 0
}
