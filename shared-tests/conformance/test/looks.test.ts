import { Statistics, WaitForGraph } from '@switchyard/core'
import type { Party, Resource } from '@switchyard/core'
import { describe, expect, it } from 'vitest'
import { describeStandstill, lookAt, standstillOf } from '../src/standstill.ts'
import type { Look } from '../src/standstill.ts'

const NOTHING = { input: 0, chunks: 0, channels: 0, mailboxes: 0, queues: 0, sockets: 0 }

const client = (id: number): Party => ({ kind: 'client', id })

function lock(name: string, holder?: Party): Resource {
  return { kind: 'lock', name, holder: () => holder }
}

/** A server that shows nothing but its waits and what it holds. */
class Shown {
  readonly waits = new WaitForGraph(() => 0)
  readonly counters = new Statistics()
  held = NOTHING

  look(): Look {
    return lookAt({ waits: this.waits, statistics: () => this.counters.snapshot(0, this.held) })
  }

  /** Of two looks between which nothing happened. */
  still(): string {
    return describeStandstill(standstillOf(this.look(), this.look()))
  }
}

describe('slow', () => {
  it('is whatever moves, even with a deadlock in it', () => {
    const server = new Shown()
    server.waits.begin(client(1), lock('a', client(1)))
    const before = server.look()
    server.counters.bytesIn += 3
    server.counters.bytesOut += 7
    expect(standstillOf(before, server.look())).toEqual({ state: 'slow', bytesIn: 3, bytesOut: 7, events: 0 })
  })

  it('says what moved, and only that', () => {
    const server = new Shown()
    const before = server.look()
    server.counters.bytesOut += 7
    expect(describeStandstill(standstillOf(before, server.look()))).toBe('slow: between two looks it wrote 7 bytes')
    server.counters.accepted++
    server.counters.drop('not-connected', 1, 5)
    expect(describeStandstill(standstillOf(before, server.look()))).toBe(
      'slow: between two looks it wrote 7 bytes, saw 2 other events',
    )
  })
})

describe('stuck', () => {
  it('a deadlock comes before everything else', () => {
    const server = new Shown()
    server.waits.begin(client(1), lock('a', client(2)))
    server.waits.begin(client(2), lock('b', client(1)))
    server.waits.begin(client(3), { kind: 'reading', client: 9 })
    expect(server.still()).toBe('stuck: nothing moved between two looks, and those who wait, wait for each other')
  })

  it('a step that waits for another of the same client is no deadlock while that one waits for somebody to read', () => {
    const server = new Shown()
    server.waits.begin(client(3), lock('sockets', client(3)))
    server.waits.begin(client(3), { kind: 'reading', client: 9 })
    expect(server.still()).toContain('the chain of waits ends at client 9 not reading')
  })

  it('names whoever does not read, once, where the chain ends', () => {
    const server = new Shown()
    server.waits.begin(client(7), lock('sockets', client(3)))
    server.waits.begin(client(3), { kind: 'reading', client: 9 })
    server.waits.begin(client(4), { kind: 'room', client: 9 })
    expect(standstillOf(server.look(), server.look())).toEqual({ state: 'stuck', why: 'unread', clients: [9] })
    expect(server.still()).toContain('the chain of waits ends at client 9 not reading')
  })

  it('names no more than a few', () => {
    const server = new Shown()
    for (let id = 1; id <= 5; id++) server.waits.begin(client(9), { kind: 'reading', client: id })
    expect(server.still()).toContain('client 1 and client 2 and client 3 and 2 more not reading')
  })

  it('names whoever does not send', () => {
    const server = new Shown()
    server.waits.begin(client(1), lock('a', client(2)))
    server.waits.begin(client(2), { kind: 'input', client: 2 })
    expect(server.still()).toContain('the chain of waits ends at client 2 not sending')
  })

  it('a chain may end inside: a lock that nobody gives back', () => {
    const server = new Shown()
    server.waits.begin(client(1), lock('a'))
    expect(server.still()).toContain('the chain of waits ends inside of the server')
  })

  it('bytes that nobody waits for are forgotten bytes', () => {
    const server = new Shown()
    server.held = { ...NOTHING, queues: 5 }
    expect(server.still()).toContain('bytes are held for which nobody waits')
  })
})

it('idle is no stall: an unfinished message is for its sender to finish', () => {
  const server = new Shown()
  server.held = { ...NOTHING, input: 5 }
  expect(server.still()).toBe('idle: nothing moved between two looks, nobody waits, and nothing is held')
})
