import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

it('does what can be done, reports what is lost, and prints what the chapter shows', async () => {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk).trimEnd())
    return true
  })
  await import('../src/job-queue.ts')
  const chapter = readFileSync(new URL('../../../docs/chapters/let-it-crash.md', import.meta.url), 'utf8')
  const [, shown = ''] = /```text\n(worker1[^`]*)\n```/.exec(chapter) ?? []
  // Which worker comes back first is chance.
  expect(shown.split('\n').toSorted()).toEqual(lines.toSorted())
  expect(lines.at(-1)).toBe('12 jobs = 9 done + 3 reported lost')
})
