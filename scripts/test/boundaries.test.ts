/** The house keeps its shape: who may import whom, and where time may come from (docs/design.md). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

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

/** What `src/` of a folder may import of ours. The longest prefix that fits counts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  protocols: ['core'],
  impls: ['core'],
  variants: ['core'],
  mutants: ['core', 'protocols'],
  sim: ['core'],
  'shared-tests': ['core', 'sim', 'protocols'],
  bench: ['core', 'shared-tests'],
  mutation: ['core', 'sim', 'shared-tests', 'protocols', 'mutants', 'variants'],
  everywhere: ['core', 'impls', 'mutants', 'sim', 'shared-tests'],
  stress: ['core', 'shared-tests', 'bench'],
  docs: ['core', 'protocols', 'impls', 'variants', 'mutants', 'sim', 'shared-tests'],
  cli: ['core', 'protocols', 'impls', 'variants', 'mutants', 'sim', 'shared-tests', 'bench', 'stress'],
}

/** Packages that run on any clock: a timer or a turn of their own would be invisible to the simulator. */
const TIMELESS = ['core', 'protocols', 'impls', 'variants', 'mutants']
const TIME =
  /\b(setTimeout|setInterval|setImmediate|performance\.now|Date\.now|new Date|process\.nextTick|process\.hrtime)\b/
const CLOCK = 'core/src/clock.ts'
/** Below the seam where sockets are simulated: its turns are always libuv's own. */
const SOCKETS = 'core/src/pooled-server.ts'

const packages = workspaceFolders().map(readPackage)

describe('imports', () => {
  it.each(packages.map((one) => [one.folder, one] as const))('%s imports only what the house allows', (_, one) => {
    const allowed = MAY_IMPORT[one.folder.split('/')[0] ?? '']
    expect(allowed, `${one.folder} has no row in MAY_IMPORT`).toBeDefined()
    for (const { path, imports } of one.sources) {
      for (const { from, typeOnly } of imports) {
        const target = ours(from)
        if (!target || target === one) continue
        const top = target.folder.split('/')[0] ?? ''
        expect(allowed, `${path} imports ${from}`).toContain(top)
        if (one.folder.startsWith('protocols/'))
          expect(typeOnly, `${path} imports more than types of ${from}`).toBe(true)
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
    const imported = [...one.declared].filter((name) => packages.some((other) => other.name === name))
    expect(referenced.toSorted()).toEqual(imported.toSorted())
  })

  it('protocols import nothing of Node', () => {
    for (const one of packages.filter(({ folder }) => folder.startsWith('protocols/'))) {
      for (const { path, imports } of one.sources) {
        expect(
          imports.map(({ from }) => from).filter((from) => from.startsWith('node:')),
          path,
        ).toEqual([])
      }
    }
  })
})

describe('time', () => {
  it("comes from core's clock only", () => {
    const elsewhere = packages
      .filter(({ folder }) => TIMELESS.includes(folder.split('/')[0] ?? ''))
      .flatMap(({ sources }) => sources)
      .filter(({ path, text }) => path !== CLOCK && path !== SOCKETS && TIME.test(withoutComments(text)))
    expect(elsewhere.map(({ path }) => path)).toEqual([])
  })
})

describe('the patterns', () => {
  const patterns = packages.filter(({ folder }) => folder.startsWith('impls/'))

  it('are five, or more where somebody adds one', () => {
    expect(patterns.length).toBeGreaterThanOrEqual(5)
  })

  it.each(patterns.map((one) => [one.folder, one] as const))('%s is one file beside its index', (_, { sources }) => {
    expect(sources.map(({ path }) => path.split('/').at(-1) ?? '').toSorted()).toEqual(['index.ts', 'server.ts'])
  })

  it.each(patterns.map((one) => [one.folder, one] as const))('%s has the common header', (_, one) => {
    const text = one.sources.find(({ path }) => path.endsWith('server.ts'))?.text ?? ''
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
    return readdirSync(join(root, parent)).map((child) => `${parent}/${child}`)
  })
}

function readPackage(folder: string): Package {
  const { name, dependencies = {}, peerDependencies = {} } = readJson(join(folder, 'package.json'))
  const paths = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
  const sources = paths
    .filter((path) => path.endsWith('.ts'))
    .map((path): Source => {
      const text = readFileSync(join(root, folder, 'src', path), 'utf8')
      return { path: `${folder}/src/${path}`, text, imports: importsOf(text) }
    })
  return { folder, name, declared: new Set(Object.keys({ ...dependencies, ...peerDependencies })), sources }
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
