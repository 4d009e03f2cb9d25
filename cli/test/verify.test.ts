/** `switchyard verify` as its users run it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { portOf } from '@switchyard/core/tcp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BIN, switchyard } from './switchyard.ts'
import { all, parseXml } from '../../protocols/router/test/suite/xml.ts'

const FIXTURES = fileURLToPath(new URL('../../protocols/router/test/suite/fixtures/', import.meta.url))
const SERVER = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(`${FIXTURES}server.mjs`)} {port}`
const MINUTE = 60_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-verify-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('misuse is exit code 3 and a sentence, before anything is judged', () => {
  it.each([
    [['--expect', '/no/such/file'], "--expect /no/such/file can't be read (ENOENT): give the path of a file."],
    [['--repeat', '0'], '--repeat is "0": it must be a whole number from 1 to 10000.'],
    [['--repeat', 'often'], '--repeat is "often"'],
    [['--html', '/no/such/folder/x.html'], "Can't write /no/such/folder/x.html"],
    [['--junit', '/no/such/folder/x.xml'], "Can't write /no/such/folder/x.xml"],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await switchyard('verify', 'mutex', ...args)
    expect(stderr).toContain(sentence)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })

  it('a malformed file of expectations', async () => {
    const { code, stderr } = await switchyard('verify', 'mutex', '--expect', file('{"expectations": [{}]}'))
    expect(stderr).toMatch(
      /^--expect .*: expectations\[0\] must have one of case, clause, guarantee, and has none\.\n$/,
    )
    expect(code).toBe(3)
  })

  it('expectations for several servers', async () => {
    const { code, stderr } = await switchyard('verify', 'mutex', 'race', '--expect', file('{"expectations": []}'))
    expect(stderr).toContain('--expect is about one server')
    expect(code).toBe(3)
  })
})

describe('a server', () => {
  it(
    'gets its report in every form',
    async () => {
      const [html, junit] = [join(folder, 'report.html'), join(folder, 'report.xml')]
      const forms = ['--json', '--html', html, '--junit', junit]
      const { code, stdout } = await switchyard('verify', '--profile', 'basic', '--exec', SERVER, ...forms)
      expect(code).toBe(0)
      const [report] = JSON.parse(stdout)
      const cases: number = report.results.length
      expect(all(parseXml(readFileSync(junit, 'utf8')), 'testcase')).toHaveLength(cases)
      expect(readFileSync(html, 'utf8').match(/<details /g)).toHaveLength(cases)
    },
    MINUTE,
  )

  it(
    'of which more passes than was expected has failed',
    async () => {
      const entry = { clause: 'R1.1', expect: 'fail', reason: 'ids used to be little-endian' }
      const expectations = file(JSON.stringify({ expectations: [entry] }))
      const { code, stdout } = await switchyard(
        'verify',
        '--profile',
        'basic',
        '--exec',
        SERVER,
        '--expect',
        expectations,
      )
      expect(stdout).toContain('expectations[0]: the clause "R1.1" is expected to fail, and passed. Delete the entry.')
      expect(code).toBe(1)
    },
    MINUTE,
  )
})

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it(
    'ends the run, and all that it started: undecided, exit code 2',
    async () => {
      await using witness = createServer().listen(0, '127.0.0.1')
      await once(witness, 'listening')
      const port = portOf(witness)
      // Started beside the server, and as long alive as anything of the command is.
      const companion = `${JSON.stringify(process.execPath)} -e 'require("net").connect(${port}, "127.0.0.1")'`
      const args = [BIN, 'verify', '--exec', `${companion} & ${SERVER.replace('exec ', '')}`]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'close')
      const socket = await Promise.race([accepted(witness), ended.then(() => undefined)])
      if (!socket) throw new Error('the command ended before it had started a server')
      socket.on('error', () => {}) // However it ends, it ends.
      const gone = once(socket.resume(), 'close')
      child.kill(signal)
      const [code] = await ended
      await gone
      expect(code).toBe(2)
    },
    MINUTE,
  )
})

function accepted(server: Server): Promise<Socket> {
  return new Promise((resolve) => void server.once('connection', resolve))
}

function file(text: string): string {
  const path = join(folder, 'expectations.json')
  writeFileSync(path, text)
  return path
}
