import { listen, portOf } from '@switchyard/core/tcp'

/** One that was free a moment ago, which is all that can be said of it. */
export async function freePort(): Promise<number> {
  const listener = await listen()
  const port = portOf(listener)
  await new Promise((resolve) => listener.close(resolve))
  return port
}
