/** A lecturer's grading, as docs/teach says it: one hand-in that is right, one that is wrong, one that hangs. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** What lab 3 asks for; of a wrong hand-in fewer cases are enough, since each that hangs takes five seconds. */
const [, ALL = ''] =
  /-- (--protocol chat --case .+)$/m.exec(readFileSync(join(root, 'docs/teach/index.md'), 'utf8')) ?? []
const FEW = '--protocol chat --case C3.1 C3.2'

describe.skipIf(spawnSync('python3', ['--version']).status !== 0)('grading', { timeout: 120_000 }, () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-grade-'))
    for (const [name, server] of [
      ['right', 'examples/python/second_chat.py'],
      ['wrong', 'examples/python/first_chat.py'],
    ] as const)
      handIn('both', name, readFileSync(join(root, server), 'utf8'))
    handIn('right', 'right', readFileSync(join(root, 'examples/python/second_chat.py'), 'utf8'))
    handIn('hanging', "it's silent", SILENT)
    mkdirSync(join(folder, 'hanging', 'empty'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('what passes has all points', () => {
    const { status, stdout } = grade('right', ['--json'], ALL)
    expect(JSON.parse(stdout)).toMatchObject([{ student: 'right', verdict: 'passed', points: 100, remark: '' }])
    expect(status).toBe(0)
  })

  it('what fails is told why, and those behind it are graded', () => {
    const { status, stdout } = grade('both', [], FEW)
    expect(stdout).toMatch(/^right +passed +100 +3 of 3 /m)
    expect(stdout).toMatch(/^wrong +failed +33 +1 of 3 /m)
    expect(status).toBe(1)
  })

  it('what hangs is ended, and has no verdict', () => {
    const { status, stdout } = grade('hanging', ['--json', '--seconds', '1'], FEW)
    expect(JSON.parse(stdout)).toMatchObject([
      { student: 'empty', verdict: 'undecided', remark: 'there is no file `serve`' },
      {
        student: "it's silent",
        verdict: 'undecided',
        remark: 'no verdict within 1 s: it hangs, or waits for something',
      },
    ])
    expect(status).toBe(2)
  })

  it.each([
    [[], /^usage: /],
    [['nowhere'], /^nowhere is no folder\n/],
    [['.', '--seconds', 'x'], /^--seconds is x: it must be a number from 1 to 3600\n/],
    [['.', '--secs'], /Unknown option '--secs'/],
  ])('what is not understood is misuse: %j', (args, says) => {
    const { status, stderr } = run(args)
    expect([stderr, status]).toEqual([expect.stringMatching(says), 3])
  })

  function handIn(group: string, student: string, server: string): void {
    const home = join(folder, group, student)
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'server.py'), server)
    writeFileSync(join(home, 'serve'), 'exec python3 server.py "$1"\n')
  }

  function grade(group: string, own: readonly string[], options: string): ReturnType<typeof run> {
    return run([join(folder, group), ...own, '--', ...options.split(' ')])
  }
})

function run(args: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  return spawnSync(process.execPath, [join(root, 'scripts/grade.js'), ...args], { encoding: 'utf8', cwd: root })
}

/** It accepts, and says nothing. */
const SILENT = `import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
`
