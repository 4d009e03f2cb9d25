import { NoResults } from '@switchyard/bench'
import { Misuse } from '../exit.ts'

/** A folder that is no run's is the user's mistake, and already said in a sentence. */
export async function orMisuse<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof NoResults) throw new Misuse(error.message)
    throw error
  }
}
