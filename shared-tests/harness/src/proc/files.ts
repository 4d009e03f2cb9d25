import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The names in a folder of /proc; none if the process has ended or belongs to another user, or where there is no /proc. */
export function listed(folder: string): readonly string[] {
  return orElse([], () => readdirSync(folder))
}

export function read(file: string): string {
  return orElse('', () => readFileSync(file, 'latin1'))
}

export function linked(link: string): string {
  return orElse('', () => readlinkSync(link))
}

/** The ids of all processes. */
export function pids(): readonly number[] {
  return listed('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** proc_pid_stat(5), from the third field on: the second is a name in parentheses and may contain anything. Empty for a process that is gone. */
export function statOf(pid: number): readonly string[] {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Of a process group. */
export function membersOf(group: number | undefined): readonly number[] {
  return group === undefined ? [] : pids().filter((pid) => Number(statOf(pid)[2]) === group)
}

function orElse<Value>(other: Value, look: () => Value): Value {
  try {
    return look()
  } catch {
    return other
  }
}
