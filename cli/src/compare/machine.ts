import { machine as everything } from '../bench/machine.ts'
import type { Machine } from './results.ts'

/** Without which no figure means anything: the short form. */
export function machine(): Machine {
  const { cpu, cores, memoryBytes, platform, kernel, node, commit, dirty } = everything()
  const [system, arch] = platform.split(' ')
  return {
    cpu,
    cores,
    memoryBytes,
    platform: `${system} ${kernel} ${arch}`,
    node,
    commit: commit === null ? null : commit + (dirty === true ? '+' : ''),
  }
}
