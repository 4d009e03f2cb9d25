import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { IdMemory } from '@switchyard/protocols/nodes'
import { Misuse } from '../exit.ts'

/** Where a node's file is if nobody says: state of this user that outlives a restart of the machine. */
export function usualIdsFile(cluster: string, node: number): string {
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state')
  return join(state, 'switchyard', `ids-of-${cluster}-${node}`)
}

/** Remembers in a file which ids a node has given. Two nodes that share one by mistake don't take from each other what they know. */
export class IdsFile implements IdMemory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Throws Misuse for a file that has no number in it. */
  read(): number {
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
      throw new Misuse(`--node-ids ${this.path} can't be read: ${String(error)}`, { cause: error })
    }
    const id = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(id) && id >= 0) return id
    throw new Misuse(`--node-ids ${this.path} has no number in it: it is no file that this server has written.`)
  }

  /** The old number or the new one is there, also after a power cut. */
  write(highestId: number): void {
    const folder = dirname(this.path)
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${this.path}.part`, `${Math.max(highestId, this.read())}\n`, { flush: true })
    renameSync(`${this.path}.part`, this.path)
    const opened = openSync(folder, 'r')
    try {
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  }
}
