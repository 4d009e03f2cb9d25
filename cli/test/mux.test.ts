/** A tunnel of streams, and servers whose clients are streams. */
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect } from '@switchyard/adapters/mux'
import { listen, portOf } from '@switchyard/core/tcp'
import { reactor } from '@switchyard/impls/reactor'
import { encodeMessage } from '@switchyard/protocols/router'
import { describe, expect, it } from 'vitest'
import { Entry, Exit } from '../src/mux/tunnel.ts'
import { Serving, switchyard } from './switchyard.ts'

const host = '127.0.0.1'
const said: string[] = []

function open(port: number): Socket {
  return createConnection({ host, port, allowHalfOpen: true }).on('error', () => {})
}

describe('switchyard mux', { timeout: 20_000 }, () => {
  it('carries connections whole, FIN each way, and resets where the service does', async () => {
    const service = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (first: Buffer) => {
        if (first[0] === 0) socket.resetAndDestroy()
        else socket.pipe(socket)
        socket.write(first)
      })
      socket.on('error', () => {})
    }).listen(0, host)
    await once(service, 'listening')
    const outer = await listen()
    const port = portOf(outer)
    await using exit = new Exit(reactor, outer, { host, port: portOf(service) }, (line) => said.push(line))
    await using entry = new Entry(reactor, { host, port }, (line) => said.push(line))
    const inner = await listen()
    entry.serve(inner)
    const sent = Buffer.alloc(3_000_000, 'switchyard')
    const echoes = Array.from({ length: 4 }, () => {
      const socket = open(portOf(inner))
      socket.end(sent)
      return buffer(socket)
    })
    for (const echo of await Promise.all(echoes)) expect(echo.equals(sent)).toBe(true)
    const broken = open(portOf(inner))
    broken.write(Uint8Array.of(0))
    await new Promise((resolve) => broken.once('close', resolve))
    expect(broken.errored).toMatchObject({ code: 'ECONNRESET' })
    service.close()
    inner.close()
    await exit[Symbol.asyncDispose]()
    const late = open(port)
    await new Promise((resolve) => late.once('close', resolve))
    expect(late.errored).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each([
    [['mux'], 3, 'A tunnel needs --listen <port> and --to <host:port>.'],
    [['mux', '--listen', '0', '--to', 'x:y:z'], 3, '"x:y:z" is no address'],
    [['mux', '--listen', '0', '--to', '127.0.0.1:1'], 1, 'To start its other end: switchyard mux exit --listen 1'],
  ])('%j is answered in a sentence', async (args, code, sentence) => {
    expect(await switchyard(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) })
  })
})

it('serve --over mux: each stream is a client', { timeout: 20_000 }, async () => {
  await using serving = await Serving.start('reactor', ['--over', 'mux'])
  await using session = await connect({ host, port: serving.port }, { pattern: reactor })
  const [one, other] = [await session.openStream(), await session.openStream()]
  const id = async (stream: typeof one): Promise<number> => {
    for (let bytes: unknown; ; await once(stream, 'readable')) {
      bytes = stream.read(4)
      if (bytes instanceof Buffer) return bytes.readUInt32BE()
    }
  }
  await id(one)
  one.write(encodeMessage(await id(other), Buffer.from('hello')))
  const [message] = await once(other, 'data')
  expect(String(message)).toBe('hello\0')
})
