import { Argument, Command } from 'commander'
import { SHELLS } from '../completion.ts'

const EXAMPLES = `
Examples:
  eval "$(switchyard completion bash)"      in ~/.bashrc
  eval "$(switchyard completion zsh)"       in ~/.zshrc, after compinit
  switchyard completion fish | source       in ~/.config/fish/config.fish`

export function completionCommand(): Command {
  return new Command('completion')
    .description('Prints a script that completes commands, options and names in your shell')
    .addArgument(new Argument('<shell>', 'for which it is').choices(Object.keys(SHELLS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: keyof typeof SHELLS, _flags: object, command: Command) => {
      process.stdout.write(SHELLS[shell](command.parent ?? command))
    })
}
