// An echo server that is built on sessions, as `yamux-echo.js` is on those of @libp2p/yamux: what each stream brings goes back in it.
// node echo-server.js PATTERN; prints the port on which it listens.
import { createServer } from 'node:net'
import { PATTERNS } from '@switchyard/impls'
import { Session } from '../src/index.ts'

const pattern = PATTERNS.find(({ name }) => name === process.argv[2])
if (!pattern) throw new TypeError(`no pattern "${process.argv[2]}"`)

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const session = new Session(socket, { pattern, side: 'accepts-trunks', keepaliveMs: 0 })
  session.on('connection', (stream) => {
    stream.on('error', () => {}) // Its peer has reset it.
    stream.pipe(stream)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
