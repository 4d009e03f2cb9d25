import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Link, SimListener } from '../src/index.ts'
import type { Direction } from '../src/index.ts'
import { bytesOf, textOf } from './toys.ts'

interface Setup {
  readonly receiveBytes?: number
  readonly sendBytes?: number
  readonly acceptable?: (space: number) => number
}

function linkOf({ receiveBytes = 8, sendBytes = 8, acceptable = (space) => space }: Setup = {}): {
  link: Link
  touched: Direction[]
} {
  const touched: Direction[] = []
  const link = new Link({ receiveBytes, sendBytes }, { acceptable, touched: (direction) => touched.push(direction) })
  return { link, touched }
}

/** Lets ticks and promises happen. */
function ticks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('from a client to the server', () => {
  test('the kernel takes no more than it has space for, and the rest when the server has read', async () => {
    const { link } = linkOf({ receiveBytes: 4 })
    expect(link.send(bytesOf('abcdef'))).toBe(4)
    expect(link.space).toBe(0)
    expect(link.send(bytesOf('ef'))).toBe(0)
    link.socket.read(0)
    expect(link.deliver(3)).toBe(3)
    expect(textOf(link.socket.read())).toBe('abc')
    expect(link.space).toBe(3)
    expect(textOf(link.unread())).toBe('d')
    await ticks()
  })

  test('nothing arrives that the server has not asked for, and asking brings one piece', () => {
    const { link } = linkOf()
    link.send(bytesOf('abc'))
    expect(link.arrival).toBe('none')
    expect(() => link.deliver(1)).toThrow('nothing has arrived')
    link.socket.read(0)
    expect(link.arrival).toBe('bytes')
    link.deliver(1)
    expect(link.arrival).toBe('none')
  })

  test('FIN comes after the bytes, and leaves the other direction open', async () => {
    const { link } = linkOf()
    link.send(bytesOf('a'))
    link.fin()
    link.socket.read(0)
    expect(link.arrival).toBe('bytes')
    link.deliver(1)
    link.socket.read()
    link.socket.read(0)
    expect(link.arrival).toBe('fin')
    const ended = once(link.socket, 'end')
    link.deliver(0)
    link.socket.read()
    await ended
    expect(link.arrival).toBe('none')
    link.socket.write(bytesOf('still'))
    expect(textOf(link.take(9))).toBe('still')
    expect(link.end).toBeUndefined()
  })
})

describe('from the server to a client', () => {
  test('what does not fit waits, across turns, until the client reads and the kernel accepts', async () => {
    const { link } = linkOf({ sendBytes: 4 })
    let done = false
    link.socket.write(bytesOf('abcdef'), () => {
      done = true
    })
    await ticks()
    expect([done, link.pending, link.readable, link.acceptable]).toEqual([false, 2, 4, false])
    expect(textOf(link.take(3))).toBe('abc')
    expect(link.acceptable).toBe(true)
    expect(link.accept()).toBe(2)
    await ticks()
    expect([done, link.pending, link.acceptable]).toEqual([true, 0, false])
    expect(textOf(link.take(9))).toBe('def')
    expect(() => link.accept()).toThrow('no write waits')
  })

  test('the kernel may take less than it has space for: then the write waits although there is space', async () => {
    const asked: number[] = []
    const { link } = linkOf({ acceptable: (space) => Math.min(1, asked.push(space)) })
    link.socket.write(bytesOf('abc'))
    await ticks()
    expect([link.readable, link.pending, link.acceptable]).toEqual([1, 2, true])
    link.accept()
    link.accept()
    // There is no choice with one byte left.
    expect(asked).toEqual([3, 2])
    expect(textOf(link.take(9))).toBe('abc')
  })

  test("the server's FIN comes after all that it wrote", async () => {
    const { link } = linkOf({ sendBytes: 2 })
    link.socket.end(bytesOf('abc'))
    await ticks()
    expect(textOf(link.take(9))).toBe('ab')
    expect(link.end).toBeUndefined()
    link.accept()
    await ticks()
    expect(link.end).toBeUndefined()
    link.take(9)
    expect(link.end).toBe('fin')
    // Half open: the client may go on.
    expect(link.send(bytesOf('x'))).toBe(1)
  })
})

describe('endings', () => {
  test("a client's reset takes what both kernels held, and the server notices when it reads", async () => {
    const { link } = linkOf()
    link.send(bytesOf('abc'))
    link.socket.write(bytesOf('def'))
    link.reset()
    expect([link.end, link.readable, link.space, link.unread().length]).toEqual(['reset', 0, 0, 0])
    expect(link.arrival).toBe('none')
    link.socket.read(0)
    expect(link.arrival).toBe('reset')
    const failed = once(link.socket, 'error')
    link.deliver(0)
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    expect([link.gone, link.arrival]).toEqual([true, 'none'])
  })

  test('a write that waits notices a reset too; the kernel accepts nothing of it any more', async () => {
    const { link } = linkOf({ sendBytes: 2 })
    const failed = once(link.socket, 'error')
    link.socket.write(bytesOf('abc'))
    link.reset()
    expect([link.acceptable, link.arrival]).toEqual([false, 'reset'])
    link.deliver(0)
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('a write after the reset fails with EPIPE', async () => {
    const { link } = linkOf()
    link.reset()
    const failed = once(link.socket, 'error')
    link.socket.write(bytesOf('a'))
    expect(await failed).toMatchObject([{ code: 'EPIPE' }])
  })

  test('destroying with unread input is a reset, and takes what the client has not read', async () => {
    const { link } = linkOf()
    link.socket.write(bytesOf('lost'))
    link.send(bytesOf('unread'))
    link.socket.destroy()
    await ticks()
    expect([link.end, link.readable]).toEqual(['reset', 0])
  })

  test('destroying with nothing unread is a FIN after what was accepted', async () => {
    const { link } = linkOf()
    link.socket.write(bytesOf('kept'))
    link.socket.destroy()
    await ticks()
    expect(link.end).toBeUndefined()
    expect(textOf(link.take(9))).toBe('kept')
    expect(link.end).toBe('fin')
  })

  test('resetAndDestroy is a reset always', async () => {
    const { link } = linkOf()
    link.socket.write(bytesOf('lost'))
    if ('resetAndDestroy' in link.socket && typeof link.socket.resetAndDestroy === 'function') {
      link.socket.resetAndDestroy()
    }
    await ticks()
    expect([link.end, link.readable]).toEqual(['reset', 0])
  })

  test('sending to a server that is gone ends in a reset', async () => {
    const { link } = linkOf()
    link.socket.write(bytesOf('lost'))
    link.socket.destroy()
    await ticks()
    expect(link.send(bytesOf('abc'))).toBe(3)
    expect([link.end, link.readable]).toEqual(['reset', 0])
  })
})

describe('what is touched', () => {
  test.each<[string, (link: Link) => void, Direction[]]>([
    ['a send', (link) => link.send(bytesOf('a')), ['to-server']],
    ['a FIN', (link) => link.fin(), ['to-server']],
    ['a read by the client', (link) => link.take(1), ['to-client']],
    ["the server's write", (link) => link.socket.write(bytesOf('a')), ['to-client']],
    ['asking for input', (link) => link.socket.read(0), []],
    ["a client's reset", (link) => link.reset(), ['to-client', 'to-server']],
    ["the server's destroying", (link) => link.socket.destroy(), ['to-client', 'to-server']],
  ])('by %s', async (_, act, expected) => {
    const { link, touched } = linkOf()
    act(link)
    await ticks()
    expect([...new Set(touched)].toSorted()).toEqual(expected)
  })
})

describe('a listener', () => {
  test('brings connections until it closes, and to nobody before somebody listens', () => {
    const listener = new SimListener()
    const sockets: unknown[] = []
    const { link } = linkOf()
    expect(listener.connect(link)).toBe(false)
    listener.on('error', () => {})
    expect(listener.connect(link)).toBe(false)
    listener.on('connection', (socket) => sockets.push(socket))
    expect(listener.connect(link)).toBe(true)
    expect(sockets).toEqual([link.socket])
    listener.close()
    expect(listener.connect(link)).toBe(false)
  })
})
