import { readdir, readFile } from 'node:fs/promises'

/** Linux counts processes' CPU time in these, whatever the machine. */
const TICK_MICROS = 10_000
const PAGE_BYTES = 4096

export interface GroupSample {
  readonly cpuMicros: number
  readonly rssBytes: number
}

/** All processes of one group, by /proc; null where there is none, or no /proc. */
export async function sampleOf(group: number): Promise<GroupSample | null> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const samples = (await Promise.all(pids.map((pid) => sampleOfOne(pid, group)))).filter((sample) => sample !== null)
  if (samples.length === 0) return null
  return {
    cpuMicros: samples.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    rssBytes: samples.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  }
}

async function sampleOfOne(pid: string, group: number): Promise<GroupSample | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '') // It may have ended just now.
  // proc(5): the second field is a name in parentheses and may contain anything; counted from behind it, the group is
  // field 2, user and system time are 11 and 12, and resident pages 21.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  if (fields[2] !== group) return null
  return { cpuMicros: (fields[11]! + fields[12]!) * TICK_MICROS, rssBytes: fields[21]! * PAGE_BYTES }
}
