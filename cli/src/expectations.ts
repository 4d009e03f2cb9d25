import { readFileSync } from 'node:fs'
import { Misuse } from './exit.ts'
import { MalformedExpectations, readExpectations } from '@switchyard/conformance/expectations'
import type { Suite } from '@switchyard/conformance'
import type { Expectations } from '@switchyard/conformance/expectations'

/** Reads what a command was given by `--expect`. Throws Misuse, with what to do. */
export function expectationsFrom(suite: Suite, file: string): Expectations {
  try {
    return readExpectations(suite, readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof MalformedExpectations) throw new Misuse(`--expect ${file}: ${error.message}.`)
    if (error instanceof Error && 'code' in error) {
      throw new Misuse(`--expect ${file} can't be read (${String(error.code)}): give the path of a file.`)
    }
    throw error
  }
}
