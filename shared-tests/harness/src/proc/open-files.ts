import { readFileSync } from 'node:fs'

/** How many files this process may have open, and each child of it; infinite where the system does not say. */
export function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY // Not Linux: there a lack of files shows when connecting.
  }
}
