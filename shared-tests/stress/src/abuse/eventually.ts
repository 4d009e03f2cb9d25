import { wait } from '@switchyard/harness'

const LOOK_MS = 20
/** A thing that has not come by then will not come, ms. */
const PATIENCE_MS = 6_000

/** Looks until it is so; false if it never is. Looks are counted: a machine that is busy elsewhere has more time. */
export async function eventually(
  met: () => boolean | Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<boolean> {
  for (let look = 0; look < patienceMs / LOOK_MS; look++) {
    if (await met()) return true
    await wait(LOOK_MS)
  }
  return false
}
