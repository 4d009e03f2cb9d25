/** The five under random orders of events, and every mutant found out: what `switchyard explore all` does, in short. */
import { exploreOne } from '@switchyard/simulated'
import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { decodeRun, renderLog, ScheduleChoices, startOf } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { known, MUTANTS } from '../src/mutants.ts'
import { PATTERNS } from '../src/patterns.ts'
import { switchyard } from './switchyard.ts'

/** The rarest fault of the mutants shows after 192 schedules. `switchyard explore all` runs many more. */
const SEEDS = 400
const MUTANT_SEEDS = 10_000
const REPLAYS = 100
const MINUTES = 60_000
/** How each deadlock's ring is told; that of the first closes outside of the server. */
const DEADLOCKS: Readonly<Record<string, string>> = {
  'lock-held-while-reading': 'the ring closes outside of the server: client',
  'two-locks-in-two-orders': 'deadlock: ',
  'same-lock-twice': 'deadlock: ',
  'writers-report-back': 'deadlock: ',
}
/** With fewer clients the flaw cannot show. */
const CLIENTS_NEEDED: Readonly<Record<string, number>> = {
  'lock-held-while-reading': 2,
  'two-locks-in-two-orders': 2,
  'same-lock-twice': 1,
  'writers-report-back': 1,
  'two-writes-a-message': 2,
  'decided-before-the-await': 1,
  'race-loses-bytes': 2,
  'race-favours-the-first': 2,
  'reactor-forgets-to-arm': 1,
}
const FIRST_OF_ALL = { mode: { kind: 'random', from: 0, to: SEEDS - 1 } } as const

describe('the five', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    `%s: no violation in ${SEEDS} random schedules`,
    async (_, subject) => {
      const { found, explored } = await exploreOne(SIMULATED_ROUTER, subject, FIRST_OF_ALL, () => {})
      expect(found).toBeNull()
      expect(explored).toBe(SEEDS)
    },
    3 * MINUTES,
  )
})

describe('mutants', () => {
  it.each(MUTANTS.map((each) => [each.pattern.name, each] as const))(
    `%s is found within ${MUTANT_SEEDS} schedules, for its header's reason, and replays ${REPLAYS} times the same`,
    async (name, subject) => {
      const plan = { mode: { kind: 'random', from: 0, to: MUTANT_SEEDS - 1 } } as const
      const { found, asItShould } = await exploreOne(SIMULATED_ROUTER, subject, plan, () => {})
      expect(asItShould).toBe(true)
      expect(found).toMatchObject({ clause: subject.seenBy, minimal: true })
      expect(found?.clients).toBe(CLIENTS_NEEDED[name])
      expect(found?.message).toContain(DEADLOCKS[name] ?? '')
      const { world, schedule } = decodeRun(found?.line ?? '', ROUTER_SPEECH)
      const logs = new Set<string>()
      for (let time = 0; time < REPLAYS; time++) {
        const outcome = await startOf(SIMULATED_ROUTER, known(name).pattern)(world, new ScheduleChoices(schedule)).run()
        expect(outcome.violation?.clause).toBe(subject.seenBy)
        logs.add(renderLog(outcome, ROUTER_SPEECH))
      }
      expect(logs.size).toBe(1)
    },
    5 * MINUTES,
  )
})

describe('the commands', () => {
  it('explore prints a line that replay takes; both exit as they should', async () => {
    const explored = await switchyard('explore', 'same-lock-twice', '--seeds', '50')
    expect(explored.code).toBe(0)
    const line = /switchyard replay (\S+)/.exec(explored.stdout)?.[1] ?? ''
    const replayed = await switchyard('replay', line, '--times', '3')
    expect(replayed.stdout).toContain('3 times the same')
    expect(replayed.stdout).toContain('G1 is violated')
    expect(replayed.code).toBe(1)
  })

  it('explores the worlds of another protocol', async () => {
    const { code, stdout } = await switchyard('explore', 'reactor', '--protocol', 'epmd', '--seeds', '50')
    expect(stdout).toMatch(/^reactor: no violation \(50 schedules/)
    expect(code).toBe(0)
  })

  it('a mutant that survives is a failure', async () => {
    const { code, stdout } = await switchyard('explore', 'race-favours-the-first', '--seeds', '1')
    expect(stdout).toContain('survives: G5 was never violated')
    expect(code).toBe(1)
  })

  it.each([
    [['replay', 'sim1:mutex:r8'], 'The checksum at the end of the line does not fit'],
    [['replay', 'nonsense'], 'A line to replay begins with "sim1:"'],
    [['explore', 'mutex', '--seeds', 'many'], '--seeds is "many": it must be a whole number from 1 to'],
    [['explore', 'mutex', '--exhaustive', '--seeds', '3'], '--exhaustive runs every schedule'],
    [['explore', 'same-lock-twice', '--protocol', 'epmd'], "with --protocol epmd it can't be judged"],
    [['explore', 'plain', '--protocol', 'epmd'], "That server can't run that protocol: it takes no steps"],
    [['explore', 'mutx'], 'Did you mean "mutex"?'],
  ])('%j is misuse', async (args, sentence) => {
    const { code, stderr } = await switchyard(...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(3)
  })
})
