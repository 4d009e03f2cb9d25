/**
 * An echo server of @libp2p/yamux, at the end that accepts: what each stream brings goes back in it.
 *
 *   cd adapters/mux/interop/libp2p && npm ci
 *   node yamux-echo.js 9000
 *
 * Prints the port on which it listens; 0 is any free one.
 */
import { createServer } from 'node:net'
import { defaultLogger } from '@libp2p/logger'
import { AbstractMultiaddrConnection } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'

// Node 22 has it; Node 20 hasn't.
Promise.withResolvers ??= () => {
  const deferred = {}
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }))
  return deferred
}

const logger = defaultLogger()

/** A TCP connection as this library takes one. */
class Connection extends AbstractMultiaddrConnection {
  #socket

  constructor(socket) {
    super({
      remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1'),
      direction: 'inbound',
      log: logger.forComponent('yamux-echo'),
    })
    this.#socket = socket
    socket.on('data', (bytes) => this.onData(bytes))
    socket.on('end', () => this.onRemoteCloseWrite())
    socket.on('close', () => this.onTransportClosed())
    socket.on('error', (error) => this.abort(error))
    socket.on('drain', () => this.safeDispatchEvent('drain'))
  }

  sendData(bytes) {
    return { sentBytes: bytes.byteLength, canSendMore: this.#socket.write(bytes.subarray()) }
  }

  sendReset() {
    this.#socket.resetAndDestroy()
  }

  async sendClose() {
    this.#socket.end()
  }

  sendPause() {
    this.#socket.pause()
  }

  sendResume() {
    this.#socket.resume()
  }
}

const create = yamux({ enableKeepAlive: false })()
const server = createServer({ noDelay: true }, (socket) => {
  const muxer = create.createStreamMuxer(new Connection(socket))
  muxer.addEventListener('stream', ({ detail: stream }) => void echo(stream).catch((error) => stream.abort(error)))
})

async function echo(stream) {
  for await (const bytes of stream) if (!stream.send(bytes)) await stream.onDrain()
  await stream.close()
}

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.info(server.address().port))
