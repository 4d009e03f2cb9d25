import { listed, membersOf, read } from './files.ts'

/** To read of more would take longer than the messages take that are measured. */
export const TASKS_MAX: number = 256

/**
 * CPU time of all threads of a process group, by /proc/<pid>/task/<tid>/schedstat, which counts in nanoseconds
 * (/proc/<pid>/stat counts in hundredths of a second: too coarse for a thousand messages). Null where that is not known, and where there are too many threads.
 */
export function cpuMicrosOf(group: number | undefined): number | null {
  return cpuMicrosOfProcesses(membersOf(group))
}

/** The same of any processes. */
export function cpuMicrosOfProcesses(processes: readonly number[]): number | null {
  const tasks = processes.flatMap((pid) => listed(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`))
  if (tasks.length > TASKS_MAX) return null
  const nanos = tasks.flatMap((task) => {
    const [onCpu] = read(`${task}/schedstat`).split(' ')
    return onCpu === undefined || onCpu === '' ? [] : [Number(onCpu)]
  })
  return nanos.length === 0 ? null : nanos.reduce((sum, each) => sum + each, 0) / 1000
}

/** Resident memory of a process group; NaN where that is not known. */
export function rssBytesOf(group: number | undefined): number {
  const sizes = membersOf(group).flatMap((pid) => {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`)) ?? []
    return kibibytes === undefined ? [] : [Number(kibibytes) * 1024]
  })
  return sizes.length === 0 ? Number.NaN : sizes.reduce((sum, each) => sum + each, 0)
}
