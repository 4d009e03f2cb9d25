// Writes what it reads, and knows of no streams. Prints the port on which it listens.
import { createServer } from 'node:net'

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => {}) // Its peer has reset it.
  socket.pipe(socket)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
