/** `--protocol`: any suite, by its name or from a module. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Serving, switchyard } from './switchyard.ts'

describe('--protocol', () => {
  it('judges a server of another protocol, which serve runs', async () => {
    await using serving = await Serving.start('reactor', ['--protocol', 'epmd'])
    const { stdout, code } = await switchyard('verify', '--protocol', 'epmd', '--connect', `127.0.0.1:${serving.port}`)
    expect(stdout).toMatch(/passed\. \d+ passed/)
    expect(code).toBe(0)
  })

  it('says what there is', async () => {
    const { stderr, code } = await switchyard('verify', 'mutex', '--protocol', 'nope')
    expect(stderr).toContain('--protocol is "nope": it must be one of router, epmd')
    expect(code).toBe(3)
  })

  it('says what a module must export', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'switchyard-')), 'mine.mjs')
    writeFileSync(file, 'export const suite = { name: "mine" }\n')
    const { stderr, code } = await switchyard('verify', 'mutex', '--protocol', file)
    expect(stderr).toContain('must export `suite`, a Suite of @switchyard/conformance')
    expect(code).toBe(3)
  })
})
