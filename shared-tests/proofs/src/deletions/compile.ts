import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * Writes one copy of a file's folder for each text that the file is to have; `into` is below the repository, so that what
 * the copies import is found. `alone`: only the file, for whoever puts it in the place of the original. Returns the folders of the
 * copies, in the order of the texts.
 */
export function writeCopies(path: string, texts: readonly string[], into: string, alone = false): readonly string[] {
  const folder = join(root, dirname(path))
  const others = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== basename(path))
  const neighbours = alone ? [] : others
  rmSync(into, { recursive: true, force: true })
  return texts.map((text, index) => {
    const copy = join(into, 'src', `${index}`)
    mkdirSync(copy, { recursive: true })
    const write = (name: string, source: string): void => {
      writeFileSync(join(copy, name), alone ? source : fromElsewhere(source, folder))
    }
    for (const name of neighbours) write(name, readFileSync(join(folder, name), 'utf8'))
    write(basename(path), text)
    return copy
  })
}

/** What the folder imports from beside it is not copied: it is imported from where it is. */
function fromElsewhere(source: string, folder: string): string {
  return source.replaceAll(/ from '(\.\.\/[^']+)'/g, (_, path: string) => ` from '${join(folder, path)}'`)
}

/** The same, compiled in one run of the compiler, which checks no types: a mutant need only run. */
export function compileCopies(path: string, texts: readonly string[], into: string, alone = false): readonly string[] {
  writeCopies(path, texts, into, alone)
  const options = {
    extends: join(root, 'tsconfig.base.json'),
    include: ['src'],
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noCheck: true,
      rootDir: 'src',
      outDir: 'built',
      tsBuildInfoFile: null,
    },
  }
  writeFileSync(join(into, 'tsconfig.json'), JSON.stringify(options))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', into], { stdio: ['ignore', 'inherit', 'inherit'] })
  return texts.map((_, index) => join(into, 'built', `${index}`))
}
