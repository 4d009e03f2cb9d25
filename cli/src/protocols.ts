import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Suite } from '@switchyard/conformance'
import type { Dialect } from '@switchyard/harness'
import type { SimulatedProtocol } from '@switchyard/sim'
import { allSuites, SUITES } from '@switchyard/protocols'
import { Option } from 'commander'
import { Misuse, Undecided } from './exit.ts'
import { suggesting } from './options.ts'

const NAMES = [...SUITES.keys()]

/** `usual` is the default, or a sentence about what happens without the option. */
export function protocolOption(usual?: string): Option {
  const option = new Option('--protocol <name|module>', `${NAMES.join(', ')}, or a module that exports \`suite\``)
  return suggesting(usual === undefined ? option.default('router') : option.default(undefined, usual), NAMES)
}

/** The suite that `--protocol` names, or that its module exports. Throws Misuse. */
export async function suiteOf(given: string): Promise<Suite> {
  const known = SUITES.get(given)
  if (known) return known()
  const path = resolve(given)
  if (!existsSync(path)) {
    throw new Misuse(
      `--protocol is "${given}": it must be one of ${NAMES.join(', ')}, or the path of a module that exports \`suite\`.`,
    )
  }
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new Misuse(`--protocol: ${given} can't be loaded: ${String(error)}`)
  })
  const suite: unknown = typeof module === 'object' && module !== null && Reflect.get(module, 'suite')
  if (!isSuite(suite)) {
    throw new Misuse(`--protocol: ${given} must export \`suite\`, a Suite of @switchyard/conformance.`)
  }
  return suite
}

/** What simulates the protocol that `--protocol` names. Throws Undecided for a suite without worlds. */
export async function simulatedOf(given: string): Promise<SimulatedProtocol<unknown>> {
  const { name, simulated } = await suiteOf(given)
  if (simulated) return simulated
  const others = (await allSuites()).filter((suite) => suite.simulated).map((suite) => suite.name)
  throw new Undecided(`The suite of ${name} has no worlds to simulate. Those that have: ${others.join(', ')}.`)
}

function isSuite(value: unknown): value is Suite {
  if (typeof value !== 'object' || value === null) return false
  const parts = ['name', 'clauses', 'cases', 'create', 'client'].map((name) => typeof Reflect.get(value, name))
  return parts.join(' ') === 'string object object function function'
}

/** A suite and how loads speak to its servers. Throws Undecided for one without a dialect: there is nothing to measure it by. */
export async function spokenOf(given: string): Promise<{ readonly suite: Suite; readonly dialect: Dialect }> {
  const suite = await suiteOf(given)
  if (suite.dialect) return { suite, dialect: suite.dialect }
  throw new Undecided(`The suite of ${suite.name} has no dialect: its servers can't be put under load.`)
}
