import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { hosted, natsServer, peer, twinOf, yardstickSubject } from '@switchyard/bench'
import type { Conformance, DialectName, Subject } from '@switchyard/bench'
import type { Suite } from '@switchyard/conformance'
import { Misuse } from '../exit.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { judgePattern, judgePeer } from './judge.ts'

const HOST = new URL('../host.js', import.meta.url)
const NODES_PROCESS = new URL('../bench/nodes-process.js', import.meta.url)

/** The server that is measured under two names, if it takes part: the cheapest one shows most of what is noise. */
const CONTROL = 'reactor'

/** A server that takes part, and how it is found out whether it may be ranked. */
export interface Contender {
  readonly subject: Subject
  readonly judge: () => Promise<Conformance>
}

export interface Contest {
  readonly patterns: readonly string[]
  /** `name=command`. */
  readonly peers: readonly string[]
  readonly control: boolean
  /** Each pattern on two nodes too, if there is a broker. */
  readonly nodes: boolean
  /** What they are servers of, and its name or module as it was typed. */
  readonly suite: Suite
  readonly protocol: string
}

/** Everybody who takes part, and in sentences who would have and does not. Throws Misuse for words that do not fit. */
export function contendersOf({ patterns, peers, control, nodes, suite, protocol }: Contest): {
  readonly contenders: readonly Contender[]
  readonly absent: readonly string[]
} {
  const dialect = existsSync(protocol) ? pathToFileURL(protocol).href : suite.name
  const ours = patterns.map((name) => contender(name, suite, protocol, dialect))
  const again = ours.find(({ subject }) => subject.name === CONTROL) ?? ours[0]
  const twins = control && again ? [{ ...again, subject: twinOf(again.subject) }] : []
  if (suite.name !== 'router') {
    const absent = [`The yardstick and peers do not speak ${suite.name}: they were not measured.`]
    return { contenders: [...ours, ...twins], absent }
  }
  const nats = natsServer(process.env['PATH'] ?? '')
  const others = [
    { subject: yardstickSubject(), judge: reasoned('It routes nothing.') },
    ...(nats ? [{ subject: nats, judge: reasoned('It has a protocol of its own.') }] : []),
    ...(nats && nodes ? patterns.flatMap(onNodes) : []),
    ...peers.map(peerOf),
  ]
  const absent = nats ? [] : ['nats-server is not on this machine (Debian package nats-server): it was not measured.']
  return { contenders: [...ours, ...twins, ...others], absent }
}

/** The control of the controls: the same server again, and slowed down. */
export function plantedContenders(name: string, slowdowns: readonly number[]): Contender[] {
  return [0, ...slowdowns].map((slowdown, index) => {
    const args = [name, '--slowdown', `${slowdown}`]
    const title = index === 0 ? name : `${name} slowed by ${Math.round(100 * slowdown)} %`
    const subject = hosted('pattern', title, { module: HOST, args }, { bounded: true })
    return { subject, judge: reasoned('A self-test judges nobody.') }
  })
}

function contender(name: string, suite: Suite, protocol: string, dialect: DialectName): Contender {
  const { pattern } = known(name)
  const kind = PATTERNS.some((each) => each.pattern === pattern) ? 'pattern' : 'variant'
  const bounded = pattern.fails?.includes('R5.4') !== true
  return {
    subject: hosted(kind, name, { module: HOST, args: [name, '--protocol', protocol] }, { bounded, dialect }),
    judge: suite.cases.length > 0 ? () => judgePattern(suite, name) : reasoned('Its suite has no cases.'),
  }
}

/** A pattern on two nodes, with both clients of a pair on one, and on different ones. */
function onNodes(name: string): readonly Contender[] {
  const line = (clients: string): string =>
    [process.execPath, fileURLToPath(NODES_PROCESS), name, clients, '{port}'].map((word) => `'${word}'`).join(' ')
  const judge = reasoned('Its cases are tried on three nodes elsewhere.')
  return [
    { subject: peer(`${name}, a linked node`, line('same')), judge },
    { subject: peer(`${name}, across nodes`, line('across'), 'across-nodes'), judge },
  ]
}

function peerOf(text: string): Contender {
  const [, name = '', line = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name.trim() === '' || !line.includes('{port}')) {
    throw new Misuse(`--peer is "${text}": it must be name='command {port}', of a server of the router protocol.`)
  }
  return { subject: peer(name.trim(), line), judge: () => judgePeer(line) }
}

function reasoned(summary: string): () => Promise<Conformance> {
  return async () => ({ state: 'not-judged', summary })
}
