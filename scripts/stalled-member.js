// One room of 50 at about 3,000 lines a second, of which one member stops reading: what the others hear in a second, before and after,
// with each of the five. `npm run build && node scripts/stalled-member.js`; the figures of docs/chapters/one-to-many.md.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../cli/bin/switchyard.js', import.meta.url))
const MEMBERS = 50
const LINES_EVERY_10_MS = 30
/** 6 MB. */
const LINES_TO_STALL = 15_000
const LINE = `${'x'.repeat(390)}\n`
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const FIVE = ['mutex', 'channels', 'channel-per-writer', 'race', 'reactor']

for (const pattern of process.argv.length > 2 ? process.argv.slice(2) : FIVE) {
  const args = [
    'serve',
    pattern,
    '--protocol',
    'chat',
    '--port',
    '0',
    '--flood-lines-per-second',
    '0',
    '--log-level',
    'silent',
  ]
  const server = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise((resolve) => {
    server.stdout.on('data', (text) => resolve(Number(/:(\d+) \(pid/.exec(String(text))?.[1])))
  })
  let heard = 0
  const members = []
  for (let index = 0; index < MEMBERS; index++) members.push(await join(port, index))
  const [stalled, ...others] = members
  for (const member of others) member.on('data', (bytes) => bytes.forEach((byte) => (heard += byte === 0x0a ? 1 : 0)))
  let said = 0
  const talking = setInterval(() => {
    for (let count = 0; count < LINES_EVERY_10_MS; count++) others[said++ % others.length].write(LINE)
  }, 10)
  const rate = async () => {
    const [before, start] = [heard, performance.now()]
    await pause(2_000)
    return Math.round((heard - before) / others.length / ((performance.now() - start) / 1_000))
  }
  stalled.resume()
  await pause(1_000)
  const before = await rate()
  stalled.pause()
  // Until more was said than kernels hold, or nobody hears anything any more.
  for (let last = -1, start = heard; heard > last && heard - start < LINES_TO_STALL * others.length; await pause(500))
    last = heard
  console.log(`${pattern.padEnd(20)} ${before} before, ${await rate()} after`)
  clearInterval(talking)
  for (const member of members) member.destroy()
  server.kill('SIGKILL')
}

/** A member of the room, which reads no more than that it has joined. */
function join(port, index) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`/name member-${index}\n/join tea\n`)
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', function read(bytes) {
      text += bytes
      if (!text.includes('You joined tea')) return
      socket.off('data', read)
      resolve(socket)
    })
  })
}
