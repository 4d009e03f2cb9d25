/** All logs on stdout, one line of JSON each; who ran them and how long it took, on stderr. */
import { allLogs } from './logs.ts'

const began = performance.now()
const logs = await allLogs()
const seconds = (performance.now() - began) / 1000
process.stdout.write(logs.map((log) => `${JSON.stringify(log)}\n`).join(''))
process.stderr.write(`${JSON.stringify({ version: process.version, seconds })}\n`)
