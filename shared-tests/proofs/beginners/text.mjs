/** A router that reads its input as text: `node text.mjs <port>`. No limits, no shutdown. */
import { createServer } from 'node:net'

const clients = new Map()
let lastId = 0

createServer((socket) => {
  const id = ++lastId
  clients.set(id, socket)
  const idBytes = Buffer.alloc(4)
  idBytes.writeUInt32BE(id)
  socket.write(idBytes)
  socket.setEncoding('latin1')
  let rest = ''
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clients.delete(id))
  socket.on('data', (text) => {
    rest += text
    for (let nul = rest.indexOf('\0', 4); nul >= 0; nul = rest.indexOf('\0', 4)) {
      const to = clients.get(Buffer.from(rest.slice(0, 4), 'latin1').readUInt32BE())
      to?.write(rest.slice(4, nul + 1))
      rest = rest.slice(nul + 1)
    }
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
