/** A server outlives its outputs: pipes, files and terminals that nobody reads, that are full, or that are gone. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { BIN, Serving } from './switchyard.ts'

const TERMINAL = ['python3', fileURLToPath(new URL('fixtures/terminal.py', import.meta.url))] as const
const hasPython = spawnSync('python3', ['--version']).status === 0
const CONNECTIONS = 400

/** Each is given its id, and resets: two lines of the log at `debug`, one at `info`. */
async function connections({ port }: Serving, count = CONNECTIONS): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: '127.0.0.1' })
    const [id] = await once(socket, 'data')
    expect(id).toHaveLength(4)
    socket.resetAndDestroy()
  }
}

async function endsWell(serving: Serving): Promise<void> {
  serving.kill('SIGTERM')
  expect(await serving.ended()).toBe(0)
}

describe.skipIf(!hasPython)('a terminal (needs python3)', () => {
  it('that is not read stalls nobody: stderr', async () => {
    await using serving = await Serving.through([...TERMINAL, 'stderr', 'unread'], '--log-level', 'debug')
    await connections(serving)
    await endsWell(serving)
  }, 30_000)

  it('that is not read stalls nobody: stdout', async () => {
    await using serving = await Serving.through([...TERMINAL, 'stdout', 'unread'])
    for (let i = 0; i < 40; i++) {
      serving.kill('SIGUSR2')
      await connections(serving, 1)
    }
    await endsWell(serving)
  }, 30_000)

  it.each(['stdout', 'stderr'])(
    'that is gone ends nobody: %s',
    async (stream) => {
      const args = ['--stats-port', '0', ...(stream === 'stderr' ? ['--log-level', 'debug'] : [])]
      await using serving = await Serving.through([...TERMINAL, stream, 'gone'], ...args)
      await serving.said(/the terminal is gone/)
      serving.kill('SIGUSR2')
      await connections(serving, 3)
      await endsWell(serving)
    },
    30_000,
  )

  it('is told of for people, and a pipe for programs; either can be asked for', async () => {
    const terminal = [...TERMINAL, 'stderr', 'read']
    await using people = await Serving.through(terminal)
    await people.said(/\d\d:\d\d:\d\d\.\d{3} INFO +listening pattern=reactor .*host=127\.0\.0\.1 /)
    await using forced = await Serving.through(terminal, '--log-format', 'json')
    await forced.said(/^\{"level":"info".*"msg":"listening"\}\r?$/m)
    await using piped = await Serving.start('reactor', ['--log-format', 'text'])
    await piped.said(/ INFO +listening/)
  }, 30_000)
})

describe('a full device', () => {
  it.each(['1', '2'])(
    'ends no server: descriptor %s',
    async (descriptor) => {
      const shell = ['sh', '-c', `exec "$@" ${descriptor}>/dev/full`, 'sh']
      await using serving = await Serving.through(shell, '--log-level', 'debug', '--stats-port', '0')
      serving.kill('SIGUSR2')
      await connections(serving, 3)
      await endsWell(serving)
    },
    30_000,
  )

  it('is exit code 1 and a sentence for a command that lives by its output', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"$0" "${BIN}" --help >/dev/full`, process.execPath])
    expect(String(stderr)).toBe("Can't write to stdout: ENOSPC: no space left on device, write.\n")
    expect(status).toBe(1)
  })

  it('does not change the exit code where only the complaint is lost', () => {
    const { status } = spawnSync('sh', ['-c', `"$0" "${BIN}" serve mutx 2>/dev/full`, process.execPath])
    expect(status).toBe(3)
  })
})
