import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { RunMachine } from '@switchyard/bench'

const ROOT = new URL('../../../', import.meta.url)
const LOCK_DIGITS = 12

/** Without which no figure means anything. To be asked before the run: the load is that of the minute before. */
export function machine(): RunMachine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    node: process.version,
    v8: process.versions.v8,
    flags: [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ').filter((flag) => flag !== '')],
    commit: git('rev-parse', '--short', 'HEAD'),
    dirty: dirty(),
    lock: lock(),
    loadBefore: loadavg()[0] ?? 0,
  }
}

function dirty(): boolean | null {
  const changes = git('status', '--porcelain', '--untracked-files=no')
  return changes === null ? null : changes !== ''
}

/** Null without a checkout, or without git. */
function git(...args: readonly string[]): string | null {
  try {
    const cwd = fileURLToPath(ROOT)
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}

function lock(): string | null {
  try {
    const text = readFileSync(new URL('package-lock.json', ROOT))
    return createHash('sha256').update(text).digest('hex').slice(0, LOCK_DIGITS)
  } catch {
    return null // An installed package has none.
  }
}
