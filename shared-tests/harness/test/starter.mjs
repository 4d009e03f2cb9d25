// Starts a command and says on which port, until it is killed.
import { Command } from '../dist/index.js'

const command = await Command.start(process.argv[2])
await command.listening()
process.stdout.write(`${command.port}\n`)
setInterval(() => {}, 1_000)
