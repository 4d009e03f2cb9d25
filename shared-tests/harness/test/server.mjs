// Listens on the port that is its first argument, and ends at SIGTERM: with the exit code that is its second one, or by the signal.
import { createServer } from 'node:net'

const [port, code] = process.argv.slice(2)
let connections = 0
const server = createServer((socket) => socket.end(`${++connections}`))
server.listen(Number(port), '127.0.0.1')
if (code !== undefined) process.on('SIGTERM', () => process.exit(Number(code)))
