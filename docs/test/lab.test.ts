/** What the laboratory says of an edited server; in a page the same runs in a worker (`test/browser/lab.test.ts`). */
import { describe, expect, it } from 'vitest'
import { patternOf } from '../src/lab/evaluate.ts'
import { EXERCISES } from '../src/lab/exercises.ts'
import { experiment } from '../src/lab/experiment.ts'
import { FILES } from '../src/lab/files.ts'
import { decodeEdited, encodeEdited } from '../src/lab/lab-link.ts'

const quiet = (): void => {}

/** What each is found out by; mended it is the pattern itself, which passes everything elsewhere. */
const BROKEN: Readonly<Record<string, string>> = {
  'missing-await': 'order',
  'early-flush': 'G1',
  'first-served': 'G5',
  'no-error-channel': 'R4.2',
}

describe('an exercise', { timeout: 60_000 }, () => {
  it.each(EXERCISES.map((each) => [each.id, each.text] as const))('%s is found out as it stands', async (id, text) => {
    const verdict = await experiment('explore', text, quiet)
    expect(verdict).toMatchObject({ kind: 'explored', found: { clause: BROKEN[id] } })
  })

  it('is judged by every case that simulated connections can offer, and the reactor passes', async () => {
    const beats: string[] = []
    const verdict = await experiment('judge', FILES['reactor'] ?? '', (text) => beats.push(text))
    expect(verdict).toMatchObject({ kind: 'judged', failed: [], notRun: 0 })
    expect(beats.at(-1)).toMatch(/^\d+ of 8\d cases$/)
  })
})

describe('a source that can not be run is told so:', () => {
  it.each([
    ['const a = {', /^It does not compile: .*\(\d+:\d+\)/],
    [
      "import 'node:fs'",
      /^It imports "node:fs": here there are only @switchyard\/core, @switchyard\/services, async-mutex, rxjs\.$/,
    ],
    ["throw new Error('no')", /^It throws when it is loaded: no$/],
    ['export const a = 1', /^It exports no pattern/],
  ])('%s', (source, says) => {
    expect(() => patternOf(source)).toThrow(says)
  })
})

// Of lengths that base 64 pads differently.
it.each(['', '~', '~~', '~~~'])('an edit is had again from its link, whatever is in it %s', async (end) => {
  const edited = { from: 'mutex', text: `${FILES['mutex']}// é 𝄞 ${end}` }
  const hash = await encodeEdited(edited)
  expect(hash).toMatch(/^#lab=mutex~[\w-]+$/)
  expect(await decodeEdited(hash)).toEqual(edited)
  expect(await decodeEdited('#stage=1')).toBe(undefined)
})
