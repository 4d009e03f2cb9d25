import type { ClientId } from '@switchyard/core'
import { FrameReader } from './frame-reader.ts'
import type { FrameTaker } from './frame-reader.ts'
import type { Peer } from './peer.ts'
import { SentLog } from './sent-log.ts'
import type { Header } from './wire.ts'

/** One link to another node, from its first frame to its end: windows and counts, both ways. */
export class Link {
  readonly client: ClientId
  readonly reader: FrameReader
  /** Whom it leads to: known with the other end's hello. */
  peer: Peer | undefined
  /** As the other end names the link in its counts. */
  peerSerial: ClientId = 0
  /** Bytes that may be on the way to each of the other node's clients. */
  windowBytes = 0
  readonly sent: SentLog = new SentLog()
  /** Bytes on the way to a client of the other node, for which no grant has come. */
  readonly onTheWay: Map<ClientId, number> = new Map()
  received = 0
  /** Of those, as many as the other end was told of. */
  told = 0
  /** Bytes received since. */
  untoldBytes = 0
  /** Bytes received for a client here, for which no grant was sent. */
  readonly owed: Map<ClientId, number> = new Map()
  /** Of those clients, the ones whose queue was too long for a grant: `drained` comes for them. */
  readonly watched: Set<ClientId> = new Set()
  /** When the other end, which leaves, has its answer. */
  answersAt: number = Number.POSITIVE_INFINITY
  /** The other end has said that it sends nothing more. */
  answeredLeave = false
  /** Its frames are not taken any more: another link stands in its place, or it has lied. */
  over = false

  constructor(client: ClientId, dataBytesMax: number, take: FrameTaker, skipped: (header: Header) => void) {
    this.client = client
    this.reader = new FrameReader(dataBytesMax, take, skipped)
  }

  /** A message has come for a client here: its bytes will have to be granted. Returns how many are owed to it. */
  owe(client: ClientId, bytes: number): number {
    const owed = (this.owed.get(client) ?? 0) + bytes
    this.owed.set(client, owed)
    return owed
  }

  /** Returns whether the window of that client was used up and is not any more. */
  granted(client: ClientId, bytes: number): boolean {
    const before = this.onTheWay.get(client) ?? 0
    const left = before - bytes
    if (left > 0) this.onTheWay.set(client, left)
    else this.onTheWay.delete(client)
    return before >= this.windowBytes && left < this.windowBytes
  }
}
