#!/usr/bin/env node
// Runs the built JavaScript. In the repository it is built anew when a source file is newer, so that what you edit is
// what runs; an installed package stands alone and starts at once.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const solution = join(repository, 'tsconfig.json')
const stamp = fileURLToPath(new URL('../dist/.built', import.meta.url))
const notSource = new Set(['node_modules', 'dist', 'test', 'docs', 'report'])

if (existsSync(solution) && newestSource(repository) > builtAt()) build()
await import('../dist/main.js')

/** When any source file of the repository was last written, ms. */
function newestSource(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (notSource.has(entry.name) || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path))
    else if (/\.ts$|^(package|tsconfig.*)\.json$/.test(entry.name)) newest = Math.max(newest, statSync(path).mtimeMs)
  }
  return newest
}

/** When the last build from here began, ms; 0 if there was none. */
function builtAt() {
  return existsSync(stamp) ? statSync(stamp).mtimeMs : 0
}

function build() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const began = new Date()
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', solution], { encoding: 'utf8' })
  if (status !== 0) {
    process.stderr.write(`${stdout}\nThe source does not compile: see above.\n`)
    process.exit(1)
  }
  writeFileSync(stamp, '')
  utimesSync(stamp, began, began)
}
