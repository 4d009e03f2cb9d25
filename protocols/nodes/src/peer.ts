import type { ClientId } from '@switchyard/core'
import type { Link } from './link.ts'
import type { Losses } from './losses.ts'
import type { SentLog } from './sent-log.ts'

/** Broken links of which it is remembered how much came; and those of which it is not known how much arrived. */
const BROKEN_MAX = 8

/** What is known of another node, whether its link stands or not. */
export class Peer {
  readonly node: number
  /** Of its present run. */
  epoch: number
  link: Link | undefined
  /** It has said that it goes. */
  left = false
  /** Until then whoever sends to it is held back, in the hope that its link stands again. */
  healsUntil: number = Number.NEGATIVE_INFINITY
  links = 0
  /** Of links that broke: how many messages came, by the name that the other node has for the link. */
  #came = new Map<ClientId, number>()
  /** Of links that broke: what was sent and is not known to have arrived. */
  #inDoubt: { readonly serial: ClientId; readonly sent: SentLog }[] = []

  constructor(node: number, epoch: number) {
    this.node = node
    this.epoch = epoch
  }

  /** Messages of which it is not known whether they arrived. */
  get inDoubt(): number {
    return this.#inDoubt.reduce((sum, { sent }) => sum + sent.unconfirmed, 0)
  }

  /** Counts that the other node does not know: those of links that broke. */
  get came(): ReadonlyMap<ClientId, number> {
    return this.#came
  }

  /** Its link is down: what is unconfirmed is in doubt until it says how much came, or cannot say it any more. */
  broke(link: Link, losses: Losses): void {
    this.link = undefined
    this.#came.set(link.peerSerial, link.received)
    for (const serial of this.#came.keys()) if (this.#came.size > BROKEN_MAX) this.#came.delete(serial)
    if (link.sent.unconfirmed > 0) this.#inDoubt.push({ serial: link.client, sent: link.sent })
    if (this.left) return this.giveUp(losses)
    while (this.#inDoubt.length > BROKEN_MAX) this.#lose(losses)
  }

  /** It says how much of a broken link came. Returns false for a count that cannot be. */
  cameThrough(serial: ClientId, messages: number): boolean {
    const doubt = this.#inDoubt.find((each) => each.serial === serial)
    return doubt === undefined || doubt.sent.confirm(messages)
  }

  /** Nothing more will be known of what is in doubt: it counts as lost, though some of it may have arrived. */
  giveUp(losses: Losses): void {
    while (this.#inDoubt.length > 0) this.#lose(losses)
  }

  /** Another run of it, which knows nothing of this one's links. */
  restarted(epoch: number, losses: Losses): void {
    this.giveUp(losses)
    this.#came = new Map()
    this.epoch = epoch
    this.left = false
  }

  #lose(losses: Losses): void {
    const doubt = this.#inDoubt.shift()
    if (!doubt) return
    for (const [to, messages] of doubt.sent.rest()) losses.add(to, 'link-lost', messages)
  }
}
