import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.restoreAllMocks()
})

it('does what can be done, and reports what is lost', async () => {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk).trimEnd())
    return true
  })
  await import('../src/job-queue.ts')
  expect(lines).toContain('worker1 1: Error: "four" is not made of numbers')
  expect(lines).toContain('worker2 2 has started')
  expect(lines).toContain('job 12: 18')
  expect(lines).toContain('job 8 is lost: "none"')
  expect(lines.at(-1)).toBe('12 jobs = 9 done + 3 reported lost')
})
