/** `stress --exec` and `--expect`: a server of which only its connections can be seen. */
import { ROUTER } from '@switchyard/protocols/router/suite'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cell } from '@switchyard/stress'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { coloursFor } from '../src/colours.ts'
import { EXIT } from '../src/exit.ts'
import { readExpectations } from '@switchyard/conformance/expectations'
import { expecting } from '../src/stress/expected.ts'
import { renderStressed } from '../src/stress/matrix.ts'
import { exitCodeOf, resultsOf } from '../src/stress/outcome.ts'
import { switchyard } from './switchyard.ts'

/** Waits with each write, for everybody. */
const BEGINNER = fileURLToPath(new URL('fixtures/one-at-a-time.mjs', import.meta.url))
const SERVER = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(BEGINNER)} {port}`
const MINUTE = 60_000

const BASE = { subject: './mine {port}', why: 'so it is', figure: '3 %', attempts: [], declared: null } as const
const holds: Cell = { ...BASE, guarantee: 'G2', verdict: 'holds', ok: true }
const not: Cell = { ...BASE, guarantee: 'G3', verdict: 'price-paid', ok: true }
const unseen: Cell = { ...BASE, guarantee: 'G6', verdict: 'not-applicable', ok: true }
const undecided: Cell = { ...BASE, guarantee: 'G5', verdict: 'undecided', ok: false }
const broken: Cell = { ...BASE, guarantee: 'G7', verdict: 'broken', ok: false }
const promised: Cell = { ...not, declared: true, ok: false }
const price: Cell = { ...not, declared: false }

describe('without a file, a foreign server is told what holds', () => {
  it('and what does not is no failure; what was not judged is no pass', () => {
    const cells = [holds, not, unseen]
    expect(exitCodeOf(cells)).toBe(EXIT.passed)
    const text = renderStressed({ cells, trials: [] }, coloursFor(process.stderr))
    expect(text).toMatch(/^ +G2 +G3 +G6\n\.\/mine \{port\} +✓ +– +·\n/)
    expect(text).toContain('G3 does not hold: so it is')
    expect(text).toContain('G6 not applicable: so it is')
  })

  it('what breaks it is', () => {
    expect(exitCodeOf([holds, broken])).toBe(EXIT.failed)
    const text = renderStressed({ cells: [broken], trials: [] }, coloursFor(process.stderr))
    expect(text).toContain("switchyard stress --exec './mine {port}' --guarantee G7")
  })
})

describe('with a file', () => {
  it.each([
    ['all of a foreign server has to hold', [holds, not], [], EXIT.failed],
    ['but what is expected not to', [holds, not], [['G3', 'fail']], EXIT.passed],
    [
      'or to be flaky',
      [holds, not],
      [
        ['G3', 'flaky'],
        ['G2', 'flaky'],
      ],
      EXIT.passed,
    ],
    ['even if it breaks the server', [broken], [['G7', 'fail']], EXIT.passed],
    ['an unexpected pass fails', [holds], [['G2', 'fail']], EXIT.failed],
    ['an entry by which nothing was judged fails', [holds, unseen], [['G6', 'fail']], EXIT.failed],
    ['one for what was not asked for does not', [holds], [['G6', 'fail']], EXIT.passed],
    ['one for what is undecided leaves it undecided', [holds, undecided], [['G5', 'fail']], EXIT.undecided],
    ['a promise that is expected not to hold does not', [promised], [['G3', 'fail']], EXIT.passed],
    ['a promise without an entry has to hold', [promised], [], EXIT.failed],
    ['a price without an entry has to be paid', [price], [], EXIT.passed],
    ['a price that is expected to pass fails', [price], [['G3', 'pass']], EXIT.failed],
  ] as const)('%s', (_, cells, entries, code) => {
    const stressed = expecting({ cells, trials: [] }, readExpectations(ROUTER, fileOf(entries)))
    expect(exitCodeOf(resultsOf(stressed), stressed.complaints)).toBe(code)
  })

  it('the reason stands beside what does not hold', () => {
    const stressed = expecting({ cells: [not], trials: [] }, readExpectations(ROUTER, fileOf([['G3', 'fail']])))
    const text = renderStressed(stressed, coloursFor(process.stderr))
    expect(text.match(/G3 does not hold.*/g)).toEqual(['G3 does not hold, as expected (because): so it is'])
  })
})

describe('the command', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-stress-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(
    'finds that a server which waits with each write isolates nobody, as its file says',
    async () => {
      const known = join(folder, 'known.json')
      writeFileSync(known, fileOf([['G2', 'fail']]))
      const { code, stdout, stderr } = await switchyard(
        'stress',
        '--exec',
        SERVER,
        '--guarantee',
        'G2',
        '--expect',
        known,
      )
      expect(stdout).toContain('G2 does not hold, as expected (because): 0 % of its progress is left')
      expect({ code, stderr }).toEqual({ code: EXIT.passed, stderr: '' })
    },
    MINUTE,
  )

  it.each([
    ['that is not there', 'echo no such luck >&2; exit 7', EXIT.undecided, 'no such luck'],
    ['that does not route', `${SERVER} mute`, EXIT.failed, 'it does not route. Begin with `switchyard verify --exec`'],
    [
      'that takes each read for one message',
      `${SERVER} one-read`,
      EXIT.failed,
      'Most likely: It takes each read for one message. Keep a buffer',
    ],
  ])('says so of a server %s', async (_, line, code, sentence) => {
    const ran = await switchyard('stress', '--exec', line)
    expect(ran.stderr).toContain(sentence)
    expect(ran).toMatchObject({ code, stdout: '' })
  })

  it.each([
    [['--exec', ' '], '--exec is empty'],
    [['mutex', '--exec', 'x'], 'Stress either servers by name, or one by --exec.'],
    [['--expect', 'x.json'], '--expect is about one server'],
    [['mutex', '--expect', 'nowhere.json'], "--expect nowhere.json can't be read (ENOENT)"],
  ])('misuse: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await switchyard('stress', ...args)
    expect(stderr).toContain(sentence)
    expect({ code, stdout }).toEqual({ code: EXIT.misuse, stdout: '' })
  })

  it('misuse: a file that is malformed', async () => {
    const file = join(folder, 'malformed.json')
    writeFileSync(file, '{ "expectations": [{ "guarantee": "G99", "expect": "fail", "reason": "x" }] }')
    const { code, stderr } = await switchyard('stress', 'mutex', '--expect', file)
    expect(stderr).toContain('there is no guarantee "G99"')
    expect(code).toBe(EXIT.misuse)
  })
})

function fileOf(entries: readonly (readonly [guarantee: string, expect: string])[]): string {
  return JSON.stringify({
    expectations: entries.map(([guarantee, expected]) => ({ guarantee, expect: expected, reason: 'because' })),
  })
}
