/** The five on the simulated network: every guarantee that they declare holds, and every price is paid. */
import { channelPerWriter } from '@switchyard/channel-per-writer'
import { channels } from '@switchyard/channels'
import { GUARANTEES } from '@switchyard/core'
import { mutex } from '@switchyard/mutex'
import { race } from '@switchyard/race'
import { reactor } from '@switchyard/reactor'
import { describe, expect, it } from 'vitest'
import { PROBES } from '../src/kill-matrix/probes.ts'

const FIVE = [mutex, channels, channelPerWriter, race, reactor]

describe.each(FIVE.map((pattern) => [pattern.name, pattern] as const))('%s', (_, pattern) => {
  it.each(GUARANTEES)('%s', async (id) => {
    const broken = await PROBES[id](pattern)
    if (pattern.guarantees[id]) expect(broken).toBeUndefined()
    else expect(broken, `${id} holds, and is not declared`).toBeDefined()
  })
})
