/** What the kernel holds for a connection, asked of the kernel. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { listen, portOf } from '@switchyard/core/tcp'
import { describe, expect, it } from 'vitest'
import { kernelQueues } from '../src/proc/kernel-queues.ts'
import { listensOn, ownerOf } from '../src/proc/listeners.ts'
import { LISTEN, listeningRows, tcpTable } from '../src/proc/tcp-table.ts'

describe.skipIf(process.platform !== 'linux')('the kernel of this machine', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('tells who listens, at %s', async (host) => {
    const server = createServer().listen(0, host)
    await once(server, 'listening')
    const port = portOf(server)
    const isHere = ({ localPort }: { readonly localPort: number }): boolean => localPort === port
    const listening = tcpTable()?.filter(({ state }) => state === LISTEN)
    expect(listeningRows()?.filter(isHere)).toEqual(listening?.filter(isHere))
    expect([listeningRows()?.some(isHere), listensOn(port)]).toEqual([true, host === '::1' ? 'elsewhere' : 'yes'])
    expect([ownerOf(port), ownerOf(port, 1)]).toEqual([process.pid, process.pid])
    server.close()
    await once(server, 'close')
    expect(listensOn(port)).toBe('no')
  })

  it('tells what lies unread on either way of each connection, and which there are', async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect({ port: portOf(server), host: '127.0.0.1' }).pause()
    const [accepted]: Socket[] = await once(server, 'connection')
    if (client.connecting) await once(client, 'connect')
    client.write(Buffer.alloc(1000))
    accepted?.write(Buffer.alloc(300))
    const port = client.localPort ?? 0
    const standing = (): readonly unknown[] => {
      const queues = kernelQueues(portOf(server))
      return [queues?.toServer.get(port), queues?.toClient.get(port), queues?.serverSide.has(port)]
    }
    // What is not acknowledged yet is counted twice.
    await expect.poll(standing, { timeout: 5_000 }).toEqual([1000, 300, true])
    const closed = once(client, 'close')
    client.resetAndDestroy()
    await closed
    expect(kernelQueues(portOf(server))?.serverSide.has(port)).toBe(false)
    accepted?.destroy()
    server.close()
  })

  it('counts no connection that is over, though the kernel keeps its ports for a while', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Whoever ends first keeps them: the server.
    const client = connect({ port: portOf(server), host: '127.0.0.1' }).resume()
    await once(client, 'connect')
    const port = client.localPort ?? 0
    await once(client, 'close')
    await expect.poll(() => kernelQueues(portOf(server))?.serverSide.has(port), { timeout: 5_000 }).toBe(false)
    server.close()
  })

  it('counts no listener as a connection', async () => {
    const listener = await listen()
    expect(kernelQueues(portOf(listener))?.serverSide.size).toBe(0)
    listener.close()
  })
})
