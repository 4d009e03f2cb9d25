/** One seed, one log, byte for byte. Needs Chromium, npm's registry and `dist/`: `npm run test:browser`. */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { SEEDS, SERVERS } from '../../src/everywhere/logs.ts'
import type { Log } from '../../src/everywhere/logs.ts'
import { logsOfNode, missing } from './node.ts'
import { logsOfPage } from './page.ts'

/** The newest of each later line; that of the Node which runs the test is left out. */
const OTHER_VERSIONS = ['22.23.3', '24.21.0'].filter((version) => majorOf(version) !== majorOf(process.versions.node))

/** The first run fetches Node, some 50 MB a version. */
const TIMEOUT_MS = 300_000

describe('one seed makes one log', { timeout: TIMEOUT_MS }, () => {
  let here = ''
  let expected: readonly Log[] = []

  beforeAll(async () => {
    const { output, version, seconds } = await logsOfNode()
    here = output
    expected = parse(output)
    report(`Node ${version}`, expected, seconds)
  }, TIMEOUT_MS)

  it('of every server and seed, a line for each event and the verdict', () => {
    const runs = SERVERS.flatMap(({ name }) => Array.from({ length: SEEDS }, (_, seed) => `${name} ${seed}`))
    expect(expected.map(nameOf)).toEqual(runs)
    const short = expected.filter(({ events, text }) => events === 0 || text.trimEnd().split('\n').length <= events)
    expect(short.map(nameOf)).toEqual([])
  })

  it('in two processes', async () => {
    const { output } = await logsOfNode()
    expectSame(parse(output), expected)
    expect(output === here, 'the same bytes').toBe(true)
  })

  it.for(OTHER_VERSIONS)('in Node %s', async (wanted, { skip }) => {
    const reason = await missing(wanted)
    // Whoever has no registry at hand may go without; a build server may not.
    if (reason !== undefined && process.env['CI'] === undefined) skip(`npm does not bring Node ${wanted}: ${reason}`)
    const { output, version, seconds } = await logsOfNode(wanted)
    expect(version).toBe(`v${wanted}`)
    const logs = parse(output)
    report(`Node ${version}`, logs, seconds)
    expectSame(logs, expected)
    expect(output === here, 'the same bytes').toBe(true)
  })

  it('in a browser', async () => {
    const { logs, version, seconds, complaints } = await logsOfPage()
    report(`Chromium ${version}`, logs, seconds)
    expect(complaints).toEqual([])
    expectSame(logs, expected)
  })
})

/** Says which runs differ, and shows the first of them whole. */
function expectSame(logs: readonly Log[], expected: readonly Log[]): void {
  const differing = expected.filter(({ text }, index) => logs[index]?.text !== text)
  const [first] = differing
  if (first) {
    const other = logs[expected.indexOf(first)]
    expect(other?.text, `these differ: ${differing.map(nameOf).join(', ')}; the first`).toBe(first.text)
  }
  expect(logs).toEqual(expected)
}

/** For information: nothing is asked of a speed here. */
function report(where: string, logs: readonly Log[], seconds: number): void {
  const events = logs.reduce((sum, log) => sum + log.events, 0)
  const rate = Math.round(events / seconds).toLocaleString('en')
  const hash = createHash('sha256')
  for (const { text } of logs) hash.update(text)
  process.stdout.write(
    `${where}: ${logs.length} logs, ${events} events, ${rate} a second, sha256 ${hash.digest('hex')}\n`,
  )
}

function parse(output: string): readonly Log[] {
  return output.trimEnd().split('\n').map(parseLine)
}

function parseLine(line: string): Log {
  const log: Log = JSON.parse(line)
  return log
}

function nameOf({ name, seed }: Log): string {
  return `${name} ${seed}`
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? ''
}
