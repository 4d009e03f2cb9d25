/**
 * The compliance tests of libp2p for stream multiplexers, on this library's sessions and streams.
 *
 *   npm run build && cd adapters/mux/interop/libp2p && npm ci
 *   npx mocha compliance.js
 *   PATTERN=mutex npx mocha compliance.js          @libp2p/yamux: that one, to compare
 *
 * Some of them allow 10 to 70 ms for what must happen: on a busy machine they fail for whoever is judged.
 */
import { Duplex } from 'node:stream'
import tests from '@libp2p/interface-compliance-tests/stream-muxer'
import { AbstractStream, AbstractStreamMuxer } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { PATTERNS } from '../../../../impls/dist/index.js'
import { Session } from '../../../dist/mux/src/index.js'

// Node 22 has it; Node 20 hasn't.
Promise.withResolvers ??= () => {
  const deferred = {}
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }))
  return deferred
}

/** A Duplex as libp2p's streams are. */
class SessionStream extends AbstractStream {
  #duplex

  constructor(init, duplex) {
    super(init)
    this.#duplex = duplex
    let reset = false
    duplex.on('data', (bytes) => this.onData(bytes))
    duplex.on('end', () => this.onRemoteCloseWrite())
    duplex.on('drain', () => this.safeDispatchEvent('drain'))
    duplex.on('error', () => (reset = true))
    duplex.on('close', () => (reset ? this.onRemoteReset() : this.onTransportClosed()))
  }

  sendData(bytes) {
    return { sentBytes: bytes.byteLength, canSendMore: this.#duplex.write(bytes.subarray()) }
  }

  sendReset() {
    this.#duplex.destroy()
  }

  async sendCloseWrite() {
    this.#duplex.end()
  }

  async sendCloseRead() {}

  sendPause() {
    this.#duplex.pause()
  }

  sendResume() {
    this.#duplex.resume()
  }
}

class SessionMuxer extends AbstractStreamMuxer {
  #trunk
  #session
  #count = 0

  constructor(connection, pattern) {
    super(connection, { protocol: '/yamux/1.0.0', name: 'switchyard' })
    this.#trunk = new Duplex({
      // Not within the call: what comes then would be pushed from inside of it, and the Duplex would never be asked again.
      read: () => setImmediate(() => connection.readStatus === 'paused' && connection.resume()),
      // A copy: whoever writes may use the bytes again behind the callback, and the connection keeps them.
      write: (bytes, _, taken) => {
        if (connection.send(new Uint8Array(bytes))) taken()
        else connection.onDrain().then(() => taken(), taken)
      },
      final: (done) => void connection.close().then(() => done(), done),
    })
    this.#session = new Session(this.#trunk, {
      pattern,
      side: connection.direction === 'outbound' ? 'opens-trunks' : 'accepts-trunks',
    })
    void this.#accept()
  }

  async #accept() {
    for await (const duplex of this.#session) this.onRemoteStream(this.#stream(duplex, 'inbound'))
  }

  #stream(duplex, direction) {
    const id = `${++this.#count}`
    return new SessionStream(
      { ...this.streamOptions, id, direction, log: this.log.newScope(`${direction}:${id}`) },
      duplex,
    )
  }

  async onCreateStream() {
    return this.#stream(await this.#session.openStream(), 'outbound')
  }

  onData(bytes) {
    if (!this.#trunk.push(bytes.subarray())) this.maConn.pause()
  }

  async close(options) {
    await super.close(options)
    await this.#session.close()
  }

  abort(error) {
    super.abort(error)
    void this.#session.close()
  }

  onTransportClosed(error) {
    super.onTransportClosed(error)
    this.#trunk?.destroy()
  }
}

const judged = PATTERNS.map((pattern) => [
  pattern.name,
  { protocol: '/yamux/1.0.0', createStreamMuxer: (connection) => new SessionMuxer(connection, pattern) },
])
if (process.env.PATTERN === '@libp2p/yamux') judged.push(['@libp2p/yamux', yamux()()])
for (const [name, factory] of judged.filter(([each]) => each === (process.env.PATTERN ?? each))) {
  describe(name, () => tests({ setup: async () => factory, teardown: async () => {} }))
}
