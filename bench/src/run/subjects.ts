import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { DialectName } from '../load/dialects.ts'
import { startPeer } from '../process/peer.ts'
import { startServer } from '@switchyard/harness'
import type { ServerProcessOptions } from '@switchyard/harness'
import type { Subject, SubjectKind } from './subject.ts'

/** Built JavaScript, also when this file is run from `src`: Node 20 forks no TypeScript. */
const YARDSTICK = new URL('../../dist/process/yardstick-process.js', import.meta.url)

/** A pattern or variant, hosted by a module that calls `host`. */
export function hosted(
  kind: Extract<SubjectKind, 'pattern' | 'variant'>,
  name: string,
  server: Omit<ServerProcessOptions, 'limits'>,
  { bounded, dialect = 'router' }: { readonly bounded: boolean; readonly dialect?: DialectName },
): Subject {
  return { name, kind, dialect, bounded, start: (limits) => startServer({ ...server, limits }) }
}

export function yardstickSubject(): Subject {
  return {
    name: 'yardstick',
    kind: 'yardstick',
    dialect: 'relay',
    bounded: false,
    start: (limits) => startServer({ module: YARDSTICK, limits }),
  }
}

/** The floor of fan-out. */
export function crowdYardstickSubject(): Subject {
  return {
    name: 'yardstick',
    kind: 'yardstick',
    dialect: 'crowd-relay',
    bounded: false,
    start: (limits) => startServer({ module: YARDSTICK, args: ['crowd'], limits }),
  }
}

/** The same server under a second name. Any difference between the two is an error of the measurement. */
export function twinOf(subject: Subject): Subject {
  return { ...subject, name: `${subject.name} again`, twinOf: subject.name }
}

/** A server that is not ours: `command` has `{port}` in it. */
export function peer(name: string, command: string, dialect: DialectName = 'router'): Subject {
  return { name, kind: 'peer', dialect, bounded: true, start: () => startPeer(command) }
}

/** `nats-server`, with a bound for what it holds for a client as ours have; undefined where it is not installed. */
export function natsServer(path: string): Subject | undefined {
  return broker(path, 'nats-server', '-a 127.0.0.1 -p {port}', 'nats')
}

/** Servers that are not ours and send one message to many, by their names; undefined for those that are not installed. */
export function brokers(path: string): Readonly<Record<string, Subject | undefined>> {
  return {
    'nats-server': natsServer(path),
    // Bounds for a subscriber that lags are off: in a closed loop nobody does, and 10,000 that connect would meet them.
    redis: broker(path, 'redis-server', "--bind 127.0.0.1 --port {port} --save '' --maxclients 20000", 'redis'),
    mosquitto: broker(path, 'mosquitto', '-p {port}', 'mqtt'),
  }
}

function broker(path: string, name: string, args: string, dialect: DialectName): Subject | undefined {
  const program = [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
  return program === undefined ? undefined : peer(name, `exec ${program} ${args}`, dialect)
}
