import { Command } from 'commander'
import { addressArgument } from '../address.ts'
import type { Address } from '../address.ts'
import { chat } from '../chat/run.ts'
import type { ChatFlags } from '../chat/run.ts'

const EXAMPLES = `
Examples:
  switchyard serve reactor --protocol chat       a chat on port 7000; then, on other terminals:
  switchyard chat
  switchyard chat 192.0.2.7:7000 --name Ann --room tea
  printf 'hello\\n' | switchyard chat --name Bot    says it, and prints what it is sent until the server has heard all

On a terminal, Tab completes commands, names and rooms, the arrows bring back what was said before, and Esc, ^C, ^D or /quit
leave. Without one it prints what the server sends, line by line, and says what stdin has: to be used in scripts.
nc and telnet are clients too.
Exit codes: 0 left, 1 the server ended it or can't be reached, 3 misuse.`

export function chatCommand(): Command {
  return new Command('chat')
    .description('Talks in a chat: on a terminal, or line by line in a script')
    .addArgument(addressArgument('the chat'))
    .option('--name <name>', 'the name to take; default: the one that the server gives')
    .option('--room <room>', 'the room to join')
    .option('--log <file>', 'appends every line that comes, with its time')
    .addHelpText('after', EXAMPLES)
    .action(async (address: Address, flags: ChatFlags) => {
      process.exitCode = await chat(address, flags)
    })
}
