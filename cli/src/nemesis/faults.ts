import type { LinkSegment } from '@switchyard/protocols/nodes/links'
import { forwardingOutbox, withOutbox } from '@switchyard/core'
import type { Outbox, Protocol } from '@switchyard/core'

/** What a node knows of the link that a segment has come for. */
export interface KnownLink {
  /** The numbers that the segment would have to carry. */
  readonly mine: number
  readonly theirs: number
  /** Bytes of its stream that came so far. */
  readonly received: number
}

/** A node that lacks one of its checks: the simulation has to find it, and to name the clause. */
export interface PlantedFault {
  readonly id: string
  /** The clause whose violation shows it. */
  readonly clause: string
  readonly what: string
  /** A seed at which the reactor shows it. */
  readonly seed: number
  /** What the node takes a segment for. */
  readonly taken?: (segment: LinkSegment, link: KnownLink) => LinkSegment
  readonly protocol?: (protocol: Protocol) => Protocol
  /** A run begins with the ids of the run before it. */
  readonly idsAgain?: true
  /** It does not tell of what a broken link has taken. */
  readonly tellsNoLosses?: true
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    id: 'any-link-number',
    seed: 1,
    clause: 'N3.1',
    what: 'takes a segment of an older link for one of the link that stands',
    taken: (segment, { mine, theirs }) => ({ ...segment, mine, theirs }),
  },
  {
    id: 'gap-taken',
    seed: 33,
    clause: 'N3.1',
    what: 'does not see that a segment is missing',
    taken: (segment, { received }) => ({ ...segment, at: received }),
  },
  {
    id: 'no-window',
    seed: 20,
    clause: 'N4.1',
    what: 'holds nobody back for what is on the way to another node',
    protocol: (protocol) => {
      let ours: Outbox | undefined
      return withOutbox(protocol, (out) => (ours ??= forwardingOutbox(out, { pause: () => {} })))
    },
  },
  {
    id: 'ids-again',
    seed: 6,
    clause: 'N1.2',
    what: 'gives the ids of the run before it again',
    idsAgain: true,
  },
  {
    id: 'tells-no-losses',
    seed: 1,
    clause: 'N3.1',
    what: 'does not tell what a broken link has taken',
    tellsNoLosses: true,
  },
]
