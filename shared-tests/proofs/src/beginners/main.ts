// How good verdicts on beginners' servers are: `npm run beginners`, or with words of the faults as arguments. Exits with 1 where a
// first cause is not the right one, or a verdict took too long.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alsoSeen, command, diagnose, verify } from '@switchyard/conformance'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { BEGINNERS_SERVERS } from './servers.ts'
import type { BeginnersServer } from './servers.ts'

/** Longer, and a beginner goes for coffee, ms. */
const VERDICT_MS_MAX = 20_000

const words = process.argv.slice(2)
const chosen = BEGINNERS_SERVERS.filter(({ fault }) => words.every((word) => fault.includes(word)))
const built = mkdtempSync(join(tmpdir(), 'switchyard-beginners-'))
try {
  for (const [place, server] of chosen.entries()) {
    const { line, good } = await judge(server, join(built, `${place}`))
    process.stdout.write(`${line}\n`)
    if (!good) process.exitCode = 1
  }
} finally {
  rmSync(built, { recursive: true, force: true })
}

async function judge(
  server: BeginnersServer,
  binary: string,
): Promise<{ readonly line: string; readonly good: boolean }> {
  if (server.source !== undefined) compile(server.source, binary)
  await using target = command(server.command.replace('{binary}', binary))
  const report = await verify(ROUTER, target, { brief: true })
  const causes = ROUTER.causes ?? []
  const [first, ...others] = diagnose(report, causes).map(
    ({ cause, failures }) => `${cause?.id ?? 'unknown'} (${failures.length})`,
  )
  const also = alsoSeen(report, causes).map(({ id }) => id)
  const named = first?.replace(/ .*/, '')
  const right = server.cause === undefined ? report.overall === 'passed' : named === server.cause
  const fast = report.ms <= VERDICT_MS_MAX
  const parts = [
    `${right ? 'right' : 'WRONG'} ${(report.ms / 1000).toFixed(1).padStart(5)} s${fast ? '' : ' (SLOW)'}  ${server.fault}: ${first ?? report.summary}`,
    right ? '' : `expected ${server.cause ?? 'passed'}`,
    others.length > 0 ? `then ${others.join(', ')}` : '',
    also.length > 0 ? `also seen ${also.join(', ')}` : '',
  ]
  return { line: parts.filter((part) => part !== '').join('; '), good: right && fast }
}

function compile(source: string, binary: string): void {
  const { status, stderr } = spawnSync('cc', ['-O2', '-Wall', '-Wextra', '-o', binary, source], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cc failed: ${stderr}`)
}
