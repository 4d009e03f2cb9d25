/** Sessions against HashiCorp's own implementation. Needs golang-go and golang-github-hashicorp-yamux-dev; without them it is skipped. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { PATTERNS } from '@switchyard/impls'
import { describe, expect, test } from 'vitest'
import { connect } from '../src/index.ts'

const GOPATH = '/usr/share/gocode'
const hasYamux = existsSync(join(GOPATH, 'src/github.com/hashicorp/yamux')) && existsSync('/usr/bin/go')

describe.skipIf(!hasYamux)('the Go implementation', () => {
  test('echoes what 16 streams bring, megabytes on each of the five', { timeout: 60_000 }, async () => {
    const work = mkdtempSync(join(tmpdir(), 'switchyard-'))
    const source = fileURLToPath(new URL('../interop/yamux-echo.go', import.meta.url))
    const binary = join(work, 'yamux-echo')
    const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(work, 'cache') }
    execFileSync('go', ['build', '-o', binary, source], { env })
    const child = spawn(binary, ['0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [first] = await once(child.stdout, 'data')
      for (const pattern of PATTERNS) {
        const session = await connect({ port: Number(String(first)) }, { pattern })
        const bytes = Buffer.alloc(2 ** 20, `${pattern.name} `)
        const echoes = Array.from({ length: 16 }, async () => {
          const stream = await session.openStream()
          const echo = buffer(stream)
          stream.end(bytes)
          return (await echo).equals(bytes)
        })
        expect(await Promise.all(echoes)).not.toContain(false)
        expect(await session.ping()).toBeGreaterThan(0)
        await session.close()
      }
    } finally {
      child.kill()
      rmSync(work, { recursive: true, force: true })
    }
  })
})
