/** The house keeps its shape: who may import whom, and where time may come from (docs/design.md). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PATTERNS } from '../../impls/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Package {
  readonly folder: string
  readonly name: string
  readonly declared: ReadonlySet<string>
  readonly sources: readonly Source[]
}

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

interface Import {
  readonly from: string
  readonly typeOnly: boolean
}

const NOT_SOURCE: ReadonlySet<string> = new Set(['node_modules', 'dist', 'test', '.turbo'])

/** What the sources of an area may import of ours, besides its own package. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocols: ['core'],
  /** Of the nodes' protocol: they bring streams, as an adapter does. */
  links: ['core'],
  impls: ['core'],
  adapters: ['core', 'protocols'],
  variants: ['core', 'services'],
  sim: ['core'],
  services: ['core'],
  'shared-tests/harness': ['core'],
  'shared-tests/conformance': ['core', 'sim', 'shared-tests/harness'],
  'shared-tests/simulated': ['core', 'sim', 'shared-tests/harness', 'shared-tests/conformance'],
  'shared-tests/stress': [
    'core',
    'protocols',
    'sim',
    'shared-tests/harness',
    'shared-tests/conformance',
    'shared-tests/simulated',
  ],
  suites: [
    'core',
    'sim',
    'shared-tests/harness',
    'shared-tests/conformance',
    'shared-tests/simulated',
    'shared-tests/stress',
  ],
  'shared-tests/mutants': ['core', 'protocols'],
  'shared-tests/proofs': anyBut('bench'),
  bench: ['core', 'protocols', 'shared-tests/harness'],
  docs: anyBut('bench', 'shared-tests/stress', 'shared-tests/proofs'),
  cli: anyBut('shared-tests/proofs'),
  examples: ['core', 'services'],
}

/** Where the sources of a package lie, from its folder. */
const SOURCES = /^(?:index\.ts$|(?:[\w-]+\/)?(?:src|suite)\/.*\.ts$)/

/** Packages that run on any clock: a timer or a turn of their own would be invisible to the simulator. */
const TIMELESS = ['core', 'protocols', 'links', 'impls', 'variants', 'services', 'shared-tests/mutants']
const TIME =
  /\b(setTimeout|setInterval|setImmediate|performance\.now|Date\.now|new Date|process\.nextTick|process\.hrtime)\b/
const CLOCK = 'core/src/clock.ts'
/** Below the seam where sockets are simulated: its turns are always libuv's own. */
const SOCKETS = 'core/src/tcp/pooled-server.ts'

const packages = workspaceFolders().map(readPackage)

describe('imports', () => {
  it.each(packages.map((one) => [one.folder, one] as const))('%s imports only what the house allows', (_, one) => {
    for (const { path, imports } of one.sources) {
      const allowed = MAY_IMPORT[areaOf(path)]
      expect(allowed, `${path} has no row in MAY_IMPORT`).toBeDefined()
      for (const { from, typeOnly } of imports) {
        const target = ours(from)
        if (!target || target === one) continue
        expect(allowed, `${path} imports ${from}`).toContain(target.folder)
        if (areaOf(path) === 'protocols') expect(typeOnly, `${path} imports more than types of ${from}`).toBe(true)
      }
    }
  })

  // But nodes: it is the router, spread over several servers.
  it.each(['impls', 'protocols'])('no folder of %s imports another', (folder) => {
    for (const { path, imports } of packageIn(folder).sources.filter(({ path: each }) => each.split('/').length > 2)) {
      const own = path.split('/').slice(0, 2).join('/')
      for (const { from } of imports) {
        if (own === 'protocols/nodes' && join(path, '..', from).startsWith('protocols/router/')) continue
        if (from.startsWith('.')) expect(join(path, '..', from), `${path} imports ${from}`).toContain(`${own}/`)
        else expect(ours(from)?.folder, `${path} imports ${from}`).not.toBe(folder)
      }
    }
  })

  it.each(packages.map((one) => [one.folder, one] as const))(
    '%s declares what it imports, and nothing else',
    (_, one) => {
      const used = new Set<string>()
      for (const { imports } of one.sources) for (const { from } of imports) if (isPackage(from)) used.add(nameOf(from))
      expect([...one.declared].toSorted()).toEqual([...used].toSorted())
    },
  )

  it.each(packages.map((one) => [one.folder, one] as const))('%s is built after what it imports', (_, one) => {
    const { references = [] } = readJson(join(one.folder, 'tsconfig.json'))
    const referenced = references.map(({ path }) => readPackage(join(one.folder, path)).name)
    const imported = new Set([...one.declared, ...importedByBenches(one.folder)])
    const own = packages.map(({ name }) => name).filter((name) => imported.has(name))
    expect(referenced.toSorted()).toEqual(own.toSorted())
  })

  it('protocols import nothing of Node', () => {
    for (const { path, imports } of packageIn('protocols').sources.filter(
      ({ path: each }) => areaOf(each) === 'protocols',
    )) {
      expect(
        imports.map(({ from }) => from).filter((from) => from.startsWith('node:')),
        path,
      ).toEqual([])
    }
  })
})

describe('time', () => {
  it("comes from core's clock only", () => {
    const elsewhere = packages
      .flatMap(({ sources }) => sources)
      .filter(({ path }) => TIMELESS.includes(areaOf(path)))
      .filter(({ path, text }) => path !== CLOCK && path !== SOCKETS && TIME.test(withoutComments(text)))
    expect(elsewhere.map(({ path }) => path)).toEqual([])
  })
})

describe('the patterns', () => {
  const sources = packageIn('impls').sources.filter(({ path }) => path !== 'impls/index.ts')
  const folders = foldersIn('impls')

  it('are listed, each once', () => {
    expect(PATTERNS.map(({ name }) => name).toSorted()).toEqual(folders.toSorted())
  })

  it('are one file each', () => {
    expect(sources.map(({ path }) => path).toSorted()).toEqual(
      folders.map((name) => `impls/${name}/src/server.ts`).toSorted(),
    )
  })

  it.each(sources.map(({ path, text }) => [path, text] as const))('%s has the common header', (_, text) => {
    const header = text.slice(0, text.indexOf('*/'))
    expect(header.match(/^ \* (\w+) {2,}\S/gm)?.map((line) => line.split(/ +/)[2])).toEqual([
      'Idea',
      'Order',
      'Price',
      'Read',
    ])
    // The guarantees that a header names as its price are those that the pattern does not declare.
    const price = new Set(header.slice(header.indexOf('Price')).match(/\bG\d\b/g))
    const refused = new Set([...text.matchAll(/\b(G\d): false/g)].map(([, id]) => id))
    expect(price).toEqual(refused)
  })
})

function workspaceFolders(): string[] {
  const { workspaces } = readJson('package.json')
  return workspaces.flatMap((entry) => {
    if (!entry.endsWith('/*')) return [entry]
    const parent = entry.slice(0, -2)
    return foldersIn(parent).map((child) => `${parent}/${child}`)
  })
}

function readPackage(folder: string): Package {
  const { name, dependencies = {}, peerDependencies = {} } = readJson(join(folder, 'package.json'))
  const sources = filesIn(folder)
    .filter((path) => SOURCES.test(path.slice(folder.length + 1)))
    .map((path): Source => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: importsOf(text) }
    })
  return { folder, name, declared: new Set(Object.keys({ ...dependencies, ...peerDependencies })), sources }
}

/** What is measured beside others is built with the package, and is not in it. */
function importedByBenches(folder: string): string[] {
  return filesIn(folder)
    .filter((path) => /^[^/]+\/bench\/.*\.ts$/.test(path.slice(folder.length + 1)))
    .flatMap((path) => importsOf(readFileSync(join(root, path), 'utf8')))
    .map(({ from }) => from)
    .filter(isPackage)
    .map(nameOf)
}

function foldersIn(parent: string): string[] {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_SOURCE.has(entry.name))
    .map(({ name }) => name)
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : filesIn(path)
    return [path]
  })
}

function packageIn(folder: string): Package {
  const found = packages.find((one) => one.folder === folder)
  if (!found) throw new Error(`there is no package in ${folder}`)
  return found
}

/** What stands above the suites may import every package but a few. */
function anyBut(...folders: readonly string[]): readonly string[] {
  return workspaceFolders().filter((folder) => !['cli', 'docs', ...folders].includes(folder))
}

/** The row of MAY_IMPORT that a source file falls under. */
function areaOf(path: string): string {
  const [top = '', name = '', part] = path.split('/')
  if (top === 'shared-tests') return `${top}/${name}`
  if (top === 'services' && name === 'suite') return 'suites'
  if (path.startsWith('protocols/nodes/src/links/')) return 'links'
  return top === 'protocols' && (part === 'suite' || name === 'index.ts') ? 'suites' : top
}

/** The formatter keeps each import to these two forms. */
function importsOf(text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?[^'"]*?from\s+'([^']+)'/gm)
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g)
  return [
    ...Array.from(statements, ([, type, from = '']) => ({ from, typeOnly: type !== undefined })),
    ...Array.from(dynamic, ([, from = '']) => ({ from, typeOnly: false })),
  ]
}

function ours(from: string): Package | undefined {
  return packages.find(({ name }) => from === name || from.startsWith(`${name}/`))
}

function isPackage(from: string): boolean {
  return !from.startsWith('.') && !from.startsWith('node:')
}

function nameOf(from: string): string {
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
}

/** The parts of package.json and tsconfig.json that are looked at. */
interface Manifest {
  readonly name: string
  readonly workspaces: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly references?: readonly { readonly path: string }[]
}

function readJson(path: string): Manifest {
  expect(existsSync(join(root, path)), `${path} is missing`).toBe(true)
  const read: Manifest = JSON.parse(readFileSync(join(root, path), 'utf8'))
  return read
}
