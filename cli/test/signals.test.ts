/** Signals that ask a command to end: one policy for all of them. */
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Interruption } from '../src/interruption.ts'
import { BIN, Serving } from './switchyard.ts'

const SAYING_WHEN = ['--import', new URL('fixtures/says-when.mjs', import.meta.url).href] as const

/** A process that writes down how it would have ended. */
class Signalled extends EventEmitter {
  readonly exits: number[] = []

  exit(code: number): void {
    this.exits.push(code)
  }
}

describe('an interruption', () => {
  it('is asked for by the first signal; one within a second after it is the same wish, a later one does not ask', async () => {
    const signalled = new Signalled()
    let now = 10_000
    using interruption = new Interruption(7, signalled, () => now)
    expect(interruption.signal.aborted).toBe(false)
    signalled.emit('SIGINT', 'SIGINT')
    signalled.emit('SIGTERM', 'SIGTERM')
    now += 999
    signalled.emit('SIGINT', 'SIGINT')
    expect(await interruption.asked).toBe('SIGINT')
    expect(interruption.signal.reason).toMatchObject({ code: 'interrupted', message: 'interrupted by SIGINT' })
    expect(signalled.exits).toEqual([])
    now += 1
    signalled.emit('SIGHUP', 'SIGHUP')
    expect(signalled.exits).toEqual([7])
  })

  it('leaves no listener behind', () => {
    const signalled = new Signalled()
    new Interruption(1, signalled)[Symbol.dispose]()
    expect(signalled.eventNames()).toEqual([])
  })
})

describe('serve', () => {
  it('takes one Ctrl-C that arrives three times as one: it delivers what it has read', async () => {
    await using serving = await Serving.start('reactor', ['--linger-ms', '30000', '--grace-ms', '30000'])
    const client = connect({ port: serving.port, host: '127.0.0.1', allowHalfOpen: true })
    const id = await once(client, 'data')
    expect(id[0]).toHaveLength(4)
    const fin = once(client.resume(), 'end') // The server's: it waits for the client's then.
    serving.kill('SIGINT')
    await serving.said(/SIGINT: shutting down/)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) serving.kill(signal)
    await fin
    client.end()
    expect(await serving.ended()).toBe(0)
  })

  it('shuts down when its terminal is closed', async () => {
    await using serving = await Serving.start('reactor')
    serving.kill('SIGHUP')
    expect(await serving.ended()).toBe(0)
    expect(await serving.said(/0 connections served/)).toContain('SIGHUP: shutting down')
  })
})

describe('interrupted, a command ends with exit code 2, and without a stack trace', () => {
  it.each([
    [['explore', 'mutex', '--minutes', '5', '--json'], 'SIGINT'],
    [['explore', 'channels', '--exhaustive', '--json'], 'SIGHUP'],
    [['faults', 'mutex', '--seeds', '100000'], 'SIGTERM'],
    [['replay', 'sim1:same-lock-twice:r32,s16,w::1:bnfj', '--times', '100000000'], 'SIGINT'],
    [['stress', 'mutex'], 'SIGHUP'],
    [['verify', 'mutex', '--repeat', '1000'], 'SIGINT'],
  ] as const)(
    '%j, %s',
    async (args, signal) => {
      const child = spawn(process.execPath, [...SAYING_WHEN, BIN, ...args], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      let said = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
      await once(child, 'message')
      child.kill(signal)
      await once(child, 'close')
      expect(said).not.toMatch(/^ +at /m)
      expect(child.exitCode).toBe(2)
    },
    60_000,
  )
})
