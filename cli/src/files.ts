import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Failure, Misuse } from './exit.ts'

/** Said before a minute of work, not after it. Throws Misuse. */
export function checkWritable(...files: readonly (string | undefined)[]): void {
  for (const file of files) {
    if (file !== undefined) orMisuse(file, () => accessSync(dirname(resolve(file)), constants.W_OK))
  }
}

/** Also said before. Throws Misuse. */
export function makeFolder(folder: string): void {
  orMisuse(folder, () => {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  })
}

function orMisuse(path: string, attempt: () => void): void {
  try {
    attempt()
  } catch (error) {
    throw new Misuse(`Can't write ${path}: ${String(error)}. Choose another place.`)
  }
}

/** Throws Failure. */
export function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Failure(`Can't write ${file}: ${String(error)}. The verdict stands above.`)
  }
}
