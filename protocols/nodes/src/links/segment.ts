/** What nodes publish to each other, numbers with the most significant byte first. */

/** A publish: short enough for nats-server to find it in one of its reads, or it costs half as much again (measured: 16, 32 and 64 KiB). */
export const SEGMENT_BYTES_MAX: number = 32 * 1024
/** In front of what a link's segment carries. */
export const HEAD_BYTES = 34
const NODE_BYTES = 5
const LINK_BYTES = 25

/** A node as another one knows it, in a beat: the highest id that any run of it may have given. */
export interface KnownNode {
  readonly node: number
  readonly highestId: number
}

/** One end of a link: the number that this end gave it, and the one that the other end did; 0 where that is not known. */
export interface Numbers {
  readonly mine: number
  readonly theirs: number
}

/** A link as its sender sees it, in a beat: repairs what was lost of it. */
export interface LinkState extends Numbers {
  readonly node: number
  readonly sentBytes: number
  readonly takenBytes: number
}

interface From {
  readonly node: number
  readonly epoch: number
}

export interface Beat extends From {
  readonly kind: 'beat'
  /** It may be linked to. */
  readonly joined: boolean
  readonly nodes: readonly KnownNode[]
  readonly links: readonly LinkState[]
}

/**
 * `open` says that this end wants a link. `data`: bytes of its stream from `at` on; `finish`: the stream ends there. `taken`: all before
 * `at` was read. `reset`: the link is gone.
 */
export interface LinkSegment extends From, Numbers {
  readonly kind: 'open' | 'data' | 'taken' | 'finish' | 'reset'
  readonly toEpoch: number
  readonly at: number
  readonly bytes: Uint8Array
}

const KINDS = ['beat', 'open', 'data', 'taken', 'finish', 'reset'] as const

/** Writes the head of a segment into its first `HEAD_BYTES`: what it carries stands behind them. */
export function writeLinkHead(
  segment: Uint8Array,
  { kind, node, epoch, toEpoch, mine, theirs, at }: Omit<LinkSegment, 'bytes'>,
): void {
  const view = head(segment, KINDS.indexOf(kind), node, epoch)
  view.setBigUint64(10, BigInt(toEpoch))
  view.setUint32(18, mine)
  view.setUint32(22, theirs)
  view.setBigUint64(26, BigInt(at))
}

export function encodeLinkSegment(parts: LinkSegment): Uint8Array {
  const segment = new Uint8Array(HEAD_BYTES + parts.bytes.length)
  writeLinkHead(segment, parts)
  segment.set(parts.bytes, HEAD_BYTES)
  return segment
}

export function encodeBeat({ node, epoch, joined, nodes, links }: Omit<Beat, 'kind'>): Uint8Array {
  const segment = new Uint8Array(14 + nodes.length * NODE_BYTES + links.length * LINK_BYTES)
  const view = head(segment, 0, node, epoch)
  view.setUint8(10, joined ? 1 : 0)
  view.setUint8(11, nodes.length)
  view.setUint8(12, links.length)
  let at = 14
  for (const known of nodes) {
    view.setUint8(at, known.node)
    view.setUint32(at + 1, known.highestId)
    at += NODE_BYTES
  }
  for (const { node: other, mine, theirs, sentBytes, takenBytes } of links) {
    view.setUint8(at, other)
    view.setUint32(at + 1, mine)
    view.setUint32(at + 5, theirs)
    view.setBigUint64(at + 9, BigInt(sentBytes))
    view.setBigUint64(at + 17, BigInt(takenBytes))
    at += LINK_BYTES
  }
  return segment
}

/** Undefined for anything else that somebody may publish there. The bytes of `data` are a view. */
export function decodeSegment(segment: Uint8Array): Beat | LinkSegment | undefined {
  const kind = KINDS[segment[0] ?? KINDS.length]
  if (!kind || segment.length < 14) return undefined
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength)
  const from = { node: view.getUint8(1), epoch: Number(view.getBigUint64(2)) }
  if (kind === 'beat') return decodeBeat(view, from)
  if (segment.length < HEAD_BYTES) return undefined
  return {
    kind,
    ...from,
    toEpoch: Number(view.getBigUint64(10)),
    mine: view.getUint32(18),
    theirs: view.getUint32(22),
    at: Number(view.getBigUint64(26)),
    bytes: segment.subarray(HEAD_BYTES),
  }
}

function decodeBeat(view: DataView, from: From): Beat | undefined {
  const [nodeCount, linkCount] = [view.getUint8(11), view.getUint8(12)]
  const linksAt = 14 + nodeCount * NODE_BYTES
  if (view.byteLength !== linksAt + linkCount * LINK_BYTES) return undefined
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    node: view.getUint8(14 + index * NODE_BYTES),
    highestId: view.getUint32(15 + index * NODE_BYTES),
  }))
  const links = Array.from({ length: linkCount }, (_, index) => {
    const at = linksAt + index * LINK_BYTES
    return {
      node: view.getUint8(at),
      mine: view.getUint32(at + 1),
      theirs: view.getUint32(at + 5),
      sentBytes: Number(view.getBigUint64(at + 9)),
      takenBytes: Number(view.getBigUint64(at + 17)),
    }
  })
  return { kind: 'beat', ...from, joined: view.getUint8(10) === 1, nodes, links }
}

function head(segment: Uint8Array, kind: number, node: number, epoch: number): DataView {
  const view = new DataView(segment.buffer, segment.byteOffset)
  view.setUint8(0, kind)
  view.setUint8(1, node)
  view.setBigUint64(2, BigInt(epoch))
  return view
}
