/**
 * What everything needs that runs servers from outside: conformance targets, stress, bench and the command.
 *
 * Command        A server started by a command line, whatever stands around it, until nothing of it is left.
 * ServerProcess  One of our servers in a process of its own, which answers questions; `host` is its other side.
 * Client         A connection of a load, of which there may be thousands; a `Dialect` says how it speaks.
 * Read           process/command.ts, then load/client.ts; `waiting.ts` has the deadlines.
 */
export * from './portable.ts'
export { host, hostAny } from './hosting/host.ts'
export type { HostOptions } from './hosting/host.ts'
export type { CpuSample, HostFacts, MemorySample, ProcessMetrics } from './hosting/messages.ts'
export { endWithParent, tellParent } from './hosting/parent.ts'
export { ServerFailed, startServer } from './hosting/server-process.ts'
export type { ServerProcess, ServerProcessOptions } from './hosting/server-process.ts'
export { Client } from './load/client.ts'
export type { Leaving } from './load/client.ts'
export { cpuMicrosOf, cpuMicrosOfProcesses, rssBytesOf, TASKS_MAX } from './proc/group-usage.ts'
export { kernelQueues } from './proc/kernel-queues.ts'
export { notQueued } from './proc/listeners.ts'
export { openFilesMax } from './proc/open-files.ts'
export { Child } from './process/child.ts'
export { Command } from './process/command.ts'
export { environmentOf, variableOf } from './process/environment.ts'
