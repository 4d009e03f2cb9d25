/** Nothing lies in the root that is not meant to. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

const FOLDERS =
  'core protocols impls variants services adapters sim shared-tests bench cli docs examples results scripts .ci .github'.split(
    ' ',
  )
const FILES = [
  'README.md CONTRIBUTING.md LICENSE package.json package-lock.json .npmrc turbo.json knip.json vitest.config.ts',
  'tsconfig.json tsconfig.base.json tsconfig.test.json .oxlintrc.json .oxfmtrc.json .editorconfig .gitignore',
].flatMap((line) => line.split(' '))

it('the root holds what is listed here, and nothing else', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  const entries = new Set(tracked.map((path) => path.replace(/\/.*/, '/')))
  expect([...entries].toSorted()).toEqual([...FOLDERS.map((folder) => `${folder}/`), ...FILES].toSorted())
})
