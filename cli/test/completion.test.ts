/** `switchyard completion`: what a Tab offers, asked of the shells themselves. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { switchyard } from './switchyard.ts'

const folder = mkdtempSync(join(tmpdir(), 'completion-'))
const scripts = { bash: join(folder, 'bash'), zsh: join(folder, 'zsh'), fish: join(folder, 'fish') } as const

beforeAll(async () => {
  for (const [shell, file] of Object.entries(scripts)) {
    const { code, stdout } = await switchyard('completion', shell)
    expect(code).toBe(0)
    writeFileSync(file, stdout)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0
}

function run(shell: string, ...args: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

const OFFERS: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
  [['se'], ['serve']],
  [
    ['serve', 'mu'],
    ['mutex', 'mutex-early-release', 'mutex-unlocked-writes'],
  ],
  [['serve', '--log-level', 'e'], ['error']],
  [['stress', 'mutex', '--guarantee', 'G2'], ['G2']],
  [
    ['faults', '--seed'],
    ['--seed', '--seeds'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
]

describe.skipIf(!has('bash'))('bash', () => {
  it.each(OFFERS)('%j', (typed, offered) => {
    const words = ['switchyard', ...typed].map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _switchyard; printf '%s\\n' "\${COMPREPLY[@]}"`
    expect(run('bash', '-c', `source ${scripts.bash}; ${ask}`).toSorted()).toEqual(offered)
  })
})

describe.skipIf(!has('fish'))('fish (where it is installed)', () => {
  it.each(OFFERS)('%j', (typed, offered) => {
    const ask = `source ${scripts.fish}; complete -C 'switchyard ${typed.join(' ')}'`
    const lines = run('fish', '--no-config', '-c', ask).map((line) => line.split('\t')[0])
    expect(lines.toSorted()).toEqual(offered)
  })
})

it.skipIf(!has('zsh'))('zsh understands its script (where it is installed)', () => {
  expect(run('zsh', '-f', '-n', scripts.zsh)).toEqual([])
})
