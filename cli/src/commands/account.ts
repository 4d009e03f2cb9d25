import { Command } from 'commander'
import { addAccount } from '../exchange/accounts-file.ts'
import { Misuse } from '../exit.ts'

const EXAMPLES = `
Examples:
  switchyard account accounts.json ANN                   makes the file if there is none, and prints a password
  switchyard account accounts.json BOT --cancel          its open orders are cancelled when its connection ends
  switchyard account accounts.json FEED --watches        it sees the best prices, and may not trade
  switchyard serve reactor --protocol exchange --accounts accounts.json

The password is shown once: the file has a hash of it.`

interface AccountFlags {
  readonly cancel?: true
  readonly watches?: true
}

export function accountCommand(): Command {
  return new Command('account')
    .description('Adds an account to a file of those who may log in to an exchange, and prints its password')
    .argument('<file>', 'the file; it is made if there is none')
    .argument('<name>', '1 to 6 letters and digits')
    .option('--cancel', 'its open orders are cancelled when its connection ends; default: they rest')
    .option('--watches', 'it sees the best prices, and may not trade')
    .addHelpText('after', EXAMPLES)
    .action(add)
}

function add(file: string, name: string, { cancel, watches }: AccountFlags): void {
  if (!/^[A-Za-z0-9]{1,6}$/.test(name))
    throw new Misuse(`An account's name is 1 to 6 letters and digits, not "${name}".`)
  const password = addAccount(file, {
    name,
    ...(cancel && { onDisconnect: 'cancel' }),
    ...(watches && { watches }),
  })
  process.stdout.write(`${password}\n`)
}
