import { Command } from 'commander'
import { addressArgument } from '../address.ts'
import type { Address } from '../address.ts'
import { trade } from '../exchange/trade.ts'
import type { TradeFlags } from '../exchange/trade.ts'

const EXAMPLES = `
Examples:
  switchyard serve reactor --protocol exchange    an exchange on port 7000; then, on other terminals:
  switchyard trade --account ANN --watch WATCH
  switchyard flow --account BOB --account CARL    somebody to trade with
  printf 'buy 100 9.99\\nsell 100 10.01\\n' | switchyard trade --account BOB

On a terminal it is a ladder of prices with one's own orders in it. The arrows choose a price, + and - a number of shares, b and s
enter an order there, t takes what is there, x cancels there, X cancels all; Esc, ^C, ^D or q leave. Orders stay in the book.
Without a terminal it reads a command from each line (buy SHARES PRICE [now], sell, cancel TOKEN, cancel all, quit) and
prints what the exchange says.
The password of account ANN is read from SWITCHYARD_PASSWORD_ANN; default: that of the accounts to try an exchange with.
Exit codes: 0 left, 1 the exchange ended it, refused it or can't be reached, 3 misuse.`

export function tradeCommand(): Command {
  return new Command('trade')
    .description('Trades at an exchange: a ladder on a terminal, or line by line in a script')
    .addArgument(addressArgument('the exchange'))
    .requiredOption('--account <name>', 'whose orders they are')
    .option('--watch <name>', 'an account that sees the best prices; default: they are not shown')
    .addHelpText('after', EXAMPLES)
    .action(async (address: Address, flags: TradeFlags) => {
      process.exitCode = await trade(address, flags)
    })
}
