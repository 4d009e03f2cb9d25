/** Whatever stands around a server: it alone is told to end, and nothing of it is left. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Command } from '../src/index.ts'
import { listensOn } from '../src/proc/listeners.ts'

const SERVER = `'${process.execPath}' '${fileURLToPath(new URL('server.mjs', import.meta.url))}'`
const STARTER = fileURLToPath(new URL('starter.mjs', import.meta.url))
/** A package that `npm start` starts. */
const FOLDER = mkdtempSync(join(tmpdir(), 'switchyard-npm-'))

const WRAPPERS: Readonly<Record<string, (server: string) => string>> = {
  nothing: (server) => server,
  exec: (server) => `exec ${server}`,
  'a shell that goes on': (server) => `${server}; exit $?`,
  'a shell in a shell': (server) => `bash -c "${server}; exit \\$?"`,
  'a script that waits': (server) => `${server} & wait $!; exit $?`,
  'a wait for all': (server) => `${server} & wait`,
  make: (server) => `printf 'all:\\n\\t%s\\n' "${server}" | make -sf - all`,
  'a pipe': (server) => `${server} | cat`,
  timeout: (server) => `timeout 60 ${server}; exit $?`,
  'a group of its own': (server) => `setsid -w ${server}; exit $?`,
  npx: (server) => `npx --offline --yes -c "${server}"`,
  'npm start': (server) => `cd '${FOLDER}' && npm start --silent -- ${server.slice(SERVER.length)}`,
}

const started: Command[] = []

beforeAll(() => writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ scripts: { start: SERVER } })))
afterAll(() => rmSync(FOLDER, { recursive: true }))

afterEach(async () => {
  for (const command of started.splice(0)) await command.kill()
})

async function start(line: string): Promise<Command> {
  const command = await Command.start(line)
  started.push(command)
  expect(await command.listening()).toBeUndefined()
  return command
}

describe.skipIf(process.platform !== 'linux')('a server in', () => {
  it.each(Object.entries(WRAPPERS))('%s ends with its own exit code, and nothing is left', async (_, wrapped) => {
    const command = await start(wrapped(`${SERVER} {port} 0`))
    expect(await command.shutDown()).toMatchObject({ state: 'ended', ok: true })
    await command.kill()
    expect(listensOn(command.port)).toBe('no')
  })

  it.each(Object.entries(WRAPPERS))('%s is gone when its command is disposed of', async (_, wrapped) => {
    const command = await start(wrapped(`${SERVER} {port}`))
    await command[Symbol.asyncDispose]()
    expect(listensOn(command.port)).toBe('no')
  })

  it('a shell that goes on is known from the shell, whose exit code says something else', async () => {
    const command = await start(`bash -c "bash -c '${SERVER.replaceAll("'", '')} {port} 0; exit 5'; exit 5"`)
    expect(await command.shutDown()).toEqual({ state: 'wrapper', how: 'ended with exit code 5' })
  })
})

describe.skipIf(process.platform !== 'linux')('a command', () => {
  it('leaves nothing of a server that has another environment and a session of its own, and ignores SIGTERM', async () => {
    const command = await start(`env -i setsid -w sh -c "trap '' TERM; exec ${SERVER} {port}"; exit $?`)
    await command.kill()
    await expect.poll(() => listensOn(command.port), { timeout: 5_000 }).toBe('no')
  })

  it('ends nobody who has taken its port', async () => {
    const command = await Command.start('sleep 60')
    started.push(command)
    const stranger = spawn('sh', ['-c', `exec ${SERVER} ${command.port}`], { stdio: 'ignore', detached: true })
    await expect.poll(() => listensOn(command.port), { timeout: 10_000 }).toBe('yes')
    await command[Symbol.asyncDispose]()
    expect(listensOn(command.port)).toBe('yes')
    stranger.kill('SIGKILL')
    await once(stranger, 'exit')
  })

  it('is found to listen without a connection: the first client is the first', async () => {
    const command = await start(`${SERVER} {port} 0`)
    const socket = connect(command.port, '127.0.0.1')
    const [bytes]: Buffer[] = await once(socket, 'data')
    expect(bytes?.toString()).toBe('1')
    socket.destroy()
  })

  it.each(['SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGTERM'] as const)(
    'is gone after %s of who had started it, out of a group of its own too',
    async (signal) => {
      const starter = spawn(process.execPath, [STARTER, `setsid -w ${SERVER} {port}; exit $?`], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const [line]: Buffer[] = await once(starter.stdout, 'data')
      const port = Number(line?.toString())
      expect(listensOn(port)).toBe('yes')
      starter.kill(signal)
      await expect.poll(() => listensOn(port), { timeout: 10_000 }).toBe('no')
    },
  )
})
