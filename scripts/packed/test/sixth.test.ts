/** A sixth pattern and another protocol are one folder and one line each, in a copy of this tree: no other file knows their names. */
import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'switchyard-sixth-'))
const run = promisify(execFile)
const switchyard = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['cli/bin/switchyard.js', ...args], { cwd: copy })).stdout

const PARROT = `
import type { ClientId, Outbox, Protocol } from '@switchyard/core'

/** Says again whatever it hears. */
export class Parrot implements Protocol {
  connected(): void {}
  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    out.send(client, chunk)
  }
  disconnected(): void {}
  heldBytes(): number {
    return 0
  }
}
`
const SUITE = `
import { expectSame, Session } from '@switchyard/conformance/portable'
import type { Suite } from '@switchyard/conformance/portable'
import { Parrot } from '../src/index.ts'

export const PARROT: Suite<Session> = {
  name: 'parrot',
  specification: 'protocols/parrot/src/index.ts',
  clauses: [{ id: 'P1.1', section: '1 Parrot', sentences: ['It says again what it hears.'], binds: 'server' }],
  cases: [
    {
      id: 'P1.1-says-it-again',
      clause: 'P1.1',
      name: 'what a client says comes back',
      needs: ['wire'],
      async run(context) {
        const client = await context.connect('client')
        await client.send(Uint8Array.of(1, 2, 3))
        expectSame('the echo', '1,2,3', (await client.bytes(3)).join())
      },
    },
  ],
  create: () => new Parrot(),
  client: (name, stream, log) => new Session(name, stream, log),
}
`

beforeAll(async () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files) if (/\.(ts|js|json|md)$/.test(file)) add(file, readFileSync(join(root, file)))
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const built = join(root, folder, 'dist')
    // Not of what has a lockfile of its own, nor of what is in there: the build does not know it.
    const alone = files.some(
      (file) => file.endsWith('/package-lock.json') && `${folder}/`.startsWith(`${dirname(file)}/`),
    )
    if (files.includes(`${folder}/package.json`) && !alone)
      cpSync(built, join(copy, folder, 'dist'), { recursive: true, preserveTimestamps: true })
  }
  linkModules('node_modules')
  linkModules('node_modules/@switchyard')
  const pattern = readFileSync(join(root, 'impls/reactor/src/server.ts'), 'utf8')
  add('impls/sixth/src/server.ts', pattern.replaceAll(/\breactor\b/g, 'sixth'))
  edit('impls/index.ts', ', reactor].map', ', reactor, sixth].map')
  edit('impls/index.ts', 'import { reactor }', "import { sixth } from './sixth/src/server.ts'\nimport { reactor }")
  add('protocols/parrot/src/index.ts', PARROT)
  add('protocols/parrot/suite/index.ts', SUITE)
  edit(
    'protocols/index.ts',
    "  ['epmd', ",
    "  ['parrot', async () => (await import('./parrot/suite/index.ts')).PARROT],\n  ['epmd', ",
  )
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'cli', 'docs'], { cwd: copy })
}, 180_000)

afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('the sixth is judged by the suite of the other protocol, and by name', async () => {
  expect(await switchyard('verify', 'sixth', '--protocol', 'parrot')).toContain('sixth: passed. 1 passed')
}, 60_000)

test('without a name, it is one of six', async () => {
  expect(await switchyard('verify', '--protocol', 'parrot')).toContain('sixth')
}, 60_000)

test('the simulator explores it', async () => {
  expect(await switchyard('explore', 'sixth', '--seeds', '50')).toContain('sixth')
}, 60_000)

test.each(['stress', 'bench'])(
  '%s offers both',
  async (command) => {
    const help = await switchyard(command, '--help')
    expect(help).toContain('"sixth"')
    expect(help).toContain('parrot')
  },
  60_000,
)

test('the site has them: in its pages, and on its stage', async () => {
  const print = `
    const files = ['generate/pages.js', 'stage/servers.js'].map((file) => import('./docs/dist/' + file))
    Promise.all(files).then(async ([{ pagesOf }, { FIVE }]) => {
      const pages = (await pagesOf(process.cwd() + '/')).map(({ text }) => text)
      console.log(JSON.stringify({ pages, names: FIVE.map(({ name }) => name) }))
    })`
  const { stdout } = await run(process.execPath, ['-e', print], { cwd: copy, maxBuffer: 2 ** 26 })
  const site: { pages: string[]; names: string[] } = JSON.parse(stdout)
  expect(site.names).toContain('sixth')
  expect(site.pages.join('\n')).toContain('sixth')
  expect(site.pages.join('\n')).toContain('P1.1-says-it-again')
}, 60_000)

function add(path: string, content: string | Uint8Array): void {
  mkdirSync(join(copy, dirname(path)), { recursive: true })
  writeFileSync(join(copy, path), content)
}

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(join(root, path), 'utf8')
  expect(text).toContain(from)
  add(path, readFileSync(join(copy, path), 'utf8').replace(from, to))
}

/** The copy's own packages are its own; all others are the tree's. */
function linkModules(folder: string): void {
  mkdirSync(join(copy, folder), { recursive: true })
  for (const name of readdirSync(join(root, folder))) {
    const module = join(root, folder, name)
    if (name === '@switchyard') continue
    const own = lstatSync(module).isSymbolicLink()
    symlinkSync(own ? readlinkSync(module) : module, join(copy, folder, name))
  }
}
