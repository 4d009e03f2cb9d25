import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Block } from './block.ts'
import { SCHEMA } from './results.ts'
import type { Results, Run } from './results.ts'

const RUN = 'run.json'
const BLOCKS = 'blocks.jsonl'
const PAGE = 'index.html'

/** A folder holds no run, or one that can't be read: what, where and what to do, as a sentence. */
export class NoResults extends Error {
  override readonly name = 'NoResults'
  readonly code = 'no-results'
}

/** The folder of a run that goes on: each block is written as soon as it ends, so that no interruption loses it. */
export class RunFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** A folder that has a run. */
  static at(path: string): RunFolder {
    return new RunFolder(path)
  }

  /** Throws NoResults for a folder that is not empty: a run is hours of a machine, and nothing here removes one. */
  static async create(path: string): Promise<RunFolder> {
    await mkdir(path, { recursive: true })
    if ((await readdir(path)).length > 0) {
      throw new NoResults(`${path} is not empty. Choose another folder with --out; no run is overwritten.`)
    }
    return new RunFolder(path)
  }

  async writeRun(run: Run): Promise<void> {
    await writeFile(join(this.path, RUN), `${JSON.stringify(run, null, 2)}\n`)
  }

  /** Where it stands. */
  async writePage(html: string): Promise<string> {
    const file = join(this.path, PAGE)
    await writeFile(file, html)
    return file
  }

  async append(block: Block): Promise<void> {
    await appendFile(join(this.path, BLOCKS), `${JSON.stringify(block)}\n`)
  }
}

/** Throws NoResults for what is no run, or one of another schema. A last line that was cut off is left out. */
export async function readResults(path: string): Promise<Results> {
  const run = await readRun(join(path, RUN))
  const text = await readBlocks(path)
  const lines = text.split('\n').slice(0, -1)
  return { run, blocks: lines.map((line, index) => blockOf(line, `${join(path, BLOCKS)}, line ${index + 1}`)) }
}

/** A run that is kept for good may have its blocks compressed; one that was killed early may have none. */
async function readBlocks(path: string): Promise<string> {
  const file = join(path, BLOCKS)
  try {
    return await readFile(file, 'utf8')
  } catch {
    const compressed = await readFile(`${file}.gz`).catch(() => null)
    return compressed ? gunzipSync(compressed).toString() : ''
  }
}

async function readRun(file: string): Promise<Run> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new NoResults(`There is no ${file}: give the folder that \`switchyard bench\` wrote.`)
  })
  const run: { readonly schema?: unknown } = parsed(text, file)
  if (isRun(run)) return run
  throw new NoResults(
    `${file} has schema ${String(run.schema)}, and this version reads ${SCHEMA}: use the version that wrote it.`,
  )
}

/** Only this package writes such files: what has its schema is taken for what it says it is. */
function isRun(value: { readonly schema?: unknown }): value is Run {
  return value.schema === SCHEMA
}

function isBlock(value: object): value is Block {
  return 'workload' in value && 'subject' in value && 'outcome' in value
}

function blockOf(line: string, where: string): Block {
  const value = parsed(line, where)
  if (isBlock(value)) return value
  throw new NoResults(`${where} is not the record of a block.`)
}

function parsed(text: string, where: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new NoResults(`${where} is no JSON: the file was damaged.`)
  }
  if (typeof value !== 'object' || value === null) throw new NoResults(`${where} is not the record of a run.`)
  return value
}
