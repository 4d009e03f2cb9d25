import { ABUSED, abusesOf } from '@switchyard/stress/abuse'
import type { Abuse, Scale } from '@switchyard/stress/abuse'
import { Command, Option } from 'commander'
import { runAbuse } from '../abuse/run.ts'
import type { Abused } from '../abuse/run.ts'
import { coloursFor } from '../colours.ts'
import type { Colours } from '@switchyard/conformance/reports'
import { EXIT, Misuse } from '../exit.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { serversArgument, suggesting } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'

const LISTS = ABUSED.map((protocol) => {
  const lines = abusesOf(protocol).map(({ name, what }) => `  ${name.padEnd(20)} ${what}`)
  return `What is done to a ${protocol}:\n${lines.join('\n')}\n`
})

const EXAMPLES = `
${LISTS.join('\n')}
Examples:
  switchyard abuse                          the five; some minutes
  switchyard abuse reactor --short          one of them, in small
  switchyard abuse mutex --only sigterm pause
  switchyard abuse --protocol chat          hostile lines, and another member's round trips meanwhile

Each server runs in a process of its own. Two clients that have nothing to do with it talk all the while.
Exit codes: ${EXIT.passed} all of it was borne, ${EXIT.failed} not so, ${EXIT.undecided} interrupted, ${EXIT.misuse} misuse.`

interface AbuseFlags {
  readonly protocol: string
  readonly only?: readonly string[]
  readonly short?: true
  readonly json?: true
}

export function abuseCommand(): Command {
  return new Command('abuse')
    .description('Treats servers as the world does: garbage, crowds, strangers, no descriptors, signals, pauses')
    .addArgument(serversArgument('[name...]', 'default: the five'))
    .addOption(new Option('--protocol <name>', 'what they serve').choices(ABUSED).default('router'))
    .addOption(
      suggesting(
        new Option('--only <abuse...>', 'some of it'),
        ABUSED.flatMap(abusesOf).map(({ name }) => name),
      ),
    )
    .option('--short', 'the same in small: megabytes, not gigabytes; hundreds, not thousands')
    .option('--json', 'the findings as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(names: readonly string[], { protocol, only, short, json }: AbuseFlags): Promise<void> {
  const subjects = names.length > 0 ? names.map(known) : PATTERNS
  const abuses = only?.map((name) => abuseNamed(name, protocol)) ?? abusesOf(protocol)
  const scale: Scale = short ? 'short' : 'full'
  const progress = new Progress()
  const colours = coloursFor(process.stdout)
  const all: Abused[] = []
  for (const subject of subjects) {
    for (const abuse of abuses) {
      progress.show(`${subject.pattern.name}: ${abuse.what}`)
      const abused = await runAbuse(subject.pattern.name, protocol, abuse, scale)
      progress.clear()
      all.push(abused)
      if (!json) process.stdout.write(render(abused, colours))
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  process.exitCode = all.every(({ problems }) => problems.length === 0) ? EXIT.passed : EXIT.failed
}

function abuseNamed(name: string, protocol: string): Abuse {
  const abuses = abusesOf(protocol)
  const found = abuses.find((abuse) => abuse.name === name)
  if (found) return found
  throw new Misuse(
    `There is no abuse "${name}" of a ${protocol}. There are: ${abuses.map((abuse) => abuse.name).join(', ')}.`,
  )
}

function render({ server, abuse, problems, figures, seconds }: Abused, { green, red, dim }: Colours): string {
  const mark = problems.length === 0 ? green('✓') : red('✗')
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
  const lines = problems.map((problem) => `    ${red(problem)}\n`).join('')
  return `${mark} ${server.padEnd(19)}${abuse.padEnd(20)} ${dim(`${said.join(', ')}; ${seconds.toFixed(1)} s`)}\n${lines}`
}
