import type { Argument, Command, Help, Option } from 'commander'

/** A command, as far as completing it goes. */
interface Completed {
  readonly name: string
  readonly about: string
  readonly options: readonly CompletedOption[]
  /** What its arguments may be; empty: a file, or something that can't be known. */
  readonly values: readonly string[]
}

interface CompletedOption {
  readonly short: string | undefined
  readonly long: string
  readonly about: string
  /** Undefined where it takes no value; empty: a file, or something that can't be known. */
  readonly values: readonly string[] | undefined
}

/** A script for each shell, which knows everything by itself: nothing is started at a Tab. */
export const SHELLS: Readonly<Record<'bash' | 'zsh' | 'fish', (program: Command) => string>> = {
  bash: (program) => {
    const commands = commandsOf(program)
    const optionCases = commands.flatMap(({ name, options }) =>
      options.flatMap(({ short, long, values }) =>
        values === undefined
          ? []
          : [
              `    ${[short, long].flatMap((flag) => (flag ? [`'${name} ${flag}'`] : [])).join('|')}) words='${values.join(' ')}' ;;`,
            ],
      ),
    )
    const commandCases = commands.map(({ name, options, values }) => {
      const flags = options.map(({ long }) => long).join(' ')
      return `    ${name}) if [[ $current == -* ]]; then words='${flags}'; else words='${values.join(' ')}'; fi ;;`
    })
    return `# Completion of switchyard for bash: eval "$(switchyard completion bash)"
_switchyard() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=
  if ((COMP_CWORD == 1)); then
    words='${commands.map(({ name }) => name).join(' ')}'
  else
    case "$command $previous" in
${optionCases.join('\n')}
    *) case "$command" in
${commandCases.join('\n')}
    esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _switchyard switchyard
`
  },
  zsh: (program) => {
    const commands = commandsOf(program)
    const cases = commands.map(({ name, options, values }) => {
      const specs = options.flatMap(({ short, long, about, values: of }) =>
        [short, long].flatMap((flag) =>
          flag ? [`${flag}[${zshText(about)}]${of === undefined ? '' : `:value:${zshValues(of)}`}`] : [],
        ),
      )
      const all = [...specs, `*:value:${zshValues(values)}`]
      return `    ${name}) _arguments ${all.map(quoted).join(' \\\n      ')} ;;`
    })
    return `#compdef switchyard
# Completion of switchyard for zsh: eval "$(switchyard completion zsh)", or as a file _switchyard in a folder of fpath
_switchyard() {
  if ((CURRENT == 2)); then
    local -a commands=(${commands.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ')})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _switchyard ]]; then _switchyard "$@"; else compdef _switchyard switchyard; fi
`
  },
  fish: (program) => {
    const commands = commandsOf(program)
    const lines = commands.flatMap(({ name, about, options, values }) => {
      const when = `complete -c switchyard -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
      return [
        `complete -c switchyard -f -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
        ...(values.length > 0 ? [`${when} -f -a ${quoted(values.join(' '))}`] : []),
        ...options.map(({ short, long, about: text, values: of }) => {
          const flags = `${short ? `-s ${short.slice(1)} ` : ''}-l ${long.slice(2)}`
          const value = of === undefined ? '' : of.length > 0 ? ` -x -a ${quoted(of.join(' '))}` : ' -r'
          return `${when} ${flags}${value} -d ${quoted(text)}`
        }),
      ]
    })
    return `# Completion of switchyard for fish: switchyard completion fish | source\n${lines.join('\n')}\n`
  },
}

function commandsOf(program: Command): readonly Completed[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    about: command.description(),
    options: optionsOf(help, command),
    values: command.registeredArguments.flatMap(valuesOf),
  }))
}

function optionsOf(help: Help, command: Command): readonly CompletedOption[] {
  return help.visibleOptions(command).map((option) => ({
    short: option.short,
    long: option.long ?? option.flags,
    about: option.description,
    values: option.required || option.optional ? valuesOf(option) : undefined,
  }))
}

function valuesOf({ argChoices = [] }: Option | Argument): readonly string[] {
  return argChoices
}

function zshValues(values: readonly string[]): string {
  return values.length > 0 ? `(${values.join(' ')})` : '_files'
}

function zshText(text: string): string {
  return text.replaceAll(/[[\]\\:]/g, (character) => `\\${character}`)
}

/** For each of the three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
