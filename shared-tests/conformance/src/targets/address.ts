import { hostAndPort } from '@switchyard/core/tcp'
import type { Site, Target } from './target.ts'
import { connectTcp } from './sockets.ts'
import { settlesWithin, unmoved, wait } from '@switchyard/harness/portable'

/** Looks without a change, 2 ms apart, after which a server elsewhere counts as at rest. */
const LOOKS = 40
/** A server that runs already, somewhere, with limits that nobody told us. */
export function address(host: string, port: number): Target {
  const site = addressSite(host, port)
  return {
    name: hostAndPort(host, port),
    offers: ['wire'],
    open: () => Promise.resolve(site),
    async [Symbol.asyncDispose]() {},
  }
}

/** What can be done with a server of which only the address is known. */
export function addressSite(host: string, port: number): Site {
  return {
    connect: () => connectTcp(host, port),
    pass: async (ms, until) => {
      if (until) await settlesWithin(ms, until)
      else await wait(ms)
    },
    patienceMs: 5_000,
    settled: (progress) => unmoved(progress, LOOKS),
    release: () => Promise.resolve(),
    account: () => '',
  }
}
