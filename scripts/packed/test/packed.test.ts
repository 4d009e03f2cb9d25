/** The packages install without this repository, and docs/guides/use-as-a-library.md works as it stands. `npm run test:packed`. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const guide = readFileSync(join(root, 'docs/guides/use-as-a-library.md'), 'utf8')
const run = promisify(execFile)

const scratch = mkdtempSync(join(tmpdir(), 'switchyard-packed-'))
const folder = join(scratch, 'user')
const tarballs = join(scratch, 'tarballs')

beforeAll(async () => {
  await run(process.execPath, ['scripts/pack.js', tarballs], { cwd: root })
  await run('mkdir', [folder])
  await run('npm', ['init', '-y'], { cwd: folder })
  await run('npm', ['pkg', 'set', 'type=module'], { cwd: folder })
  const files = readdirSync(tarballs).map((name) => join(tarballs, name))
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files], { cwd: folder })
  for (const [, name, text] of guide.matchAll(/<!-- file: (\S+) -->\n+```js\n([^]*?)```/g)) {
    if (name !== undefined && text !== undefined) writeFileSync(join(folder, name), text)
  }
}, 180_000)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

it('no tarball holds what a build leaves for itself', async () => {
  for (const name of readdirSync(tarballs)) {
    const { stdout } = await run('tar', ['tzf', join(tarballs, name)])
    expect(stdout).toMatch(/package\/dist\//)
    expect(stdout).toMatch(/\/src\/.*\.ts\n/)
    expect(stdout).not.toMatch(/tsbuildinfo|\.built|test-results|\/test\//)
  }
})

describe('what publint says of', () => {
  it.each(packages())('%s', async (pkgDir) => {
    const { messages, pkg } = await publint({ pkgDir: join(root, pkgDir), level: 'suggestion', pack: 'npm' })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })
})

describe('the guide, in an empty folder', () => {
  const lines = commands(/<!-- run -->\n+```sh\n([^]*?)```/)
  it('has commands', () => expect(lines).toHaveLength(3))
  it.each(lines)(
    '%s',
    async (line) => {
      const { stdout } = await run('sh', ['-c', line], { cwd: folder })
      expect(stdout).toMatch(/passed/)
    },
    120_000,
  )

  it('the judge is the installed one, and says so', async () => {
    const { stdout } = await run('npx', ['switchyard', '--version'], { cwd: folder })
    expect(stdout).toMatch(/^switchyard \d/)
  })
})

function commands(pattern: RegExp): string[] {
  return (pattern.exec(guide)?.[1] ?? '').split('\n').filter((line) => line !== '')
}

/** The folders of the packages that `scripts/pack.js` packs. */
function packages(): string[] {
  const found: unknown = JSON.parse(
    execFileSync('npm', ['query', '.workspace:not([private])'], { cwd: root, encoding: 'utf8' }),
  )
  return Array.isArray(found) ? found.map((one: { location: string }) => one.location) : []
}
