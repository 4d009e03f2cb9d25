import type { Random } from '@switchyard/core'
import type { Socket } from 'node:net'
import { liveClock } from '@switchyard/core'
import type { Fault, Way } from './fault.ts'
import type { Timeline } from './timeline.ts'

/** So much is on its way through a pipe; then it reads no more. */
const LINE_BYTES_MAX = 64 * 1024
const LINE_ITEMS_MAX = 32

type Mark = Extract<Fault, { afterBytes: number }>

/** What is on its way, in order: bytes, and what happens behind them. */
type Item =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly dueMs: number }
  | { readonly kind: 'mark'; readonly fault: Mark }
  | { readonly kind: 'end' }

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>

/** One stream of a link, with its faults. */
export class Pipe {
  readonly #source: Socket
  readonly #destination: Socket
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #cut: () => void
  readonly #slice: Of<'slice'> | undefined
  readonly #latency: Of<'latency'> | undefined
  readonly #bandwidth: Of<'bandwidth'> | undefined
  readonly #slowClose: Of<'slow-close'> | undefined
  readonly #stalls: readonly Of<'stall'>[]
  /** Ascending. */
  readonly #marks: Mark[]
  readonly #line: Item[] = []
  #lineBytes = 0
  #rest: Uint8Array | undefined
  #taken = 0
  #discarding = false
  #over = false
  #wakeReader: (() => void) | undefined
  #wakeWriter: (() => void) | undefined

  /** `cut` resets both connections. Faults of the other way are ignored. */
  constructor(
    [source, destination]: readonly [source: Socket, destination: Socket],
    way: Way,
    faults: readonly Fault[],
    timeline: Timeline,
    random: Random,
    cut: () => void,
  ) {
    const mine = faults.filter((fault) => fault.kind === 'slow-close' || fault.way === way)
    this.#source = source
    this.#destination = destination
    this.#timeline = timeline
    this.#random = random
    this.#cut = cut
    this.#slice = mine.find((fault) => fault.kind === 'slice')
    this.#latency = mine.find((fault) => fault.kind === 'latency')
    this.#bandwidth = mine.find((fault) => fault.kind === 'bandwidth')
    this.#slowClose = mine.find((fault) => fault.kind === 'slow-close')
    this.#stalls = mine.filter((fault) => fault.kind === 'stall')
    this.#marks = mine
      .filter((fault) => fault.kind === 'hang' || fault.kind === 'reset' || fault.kind === 'half-close')
      .toSorted((a, b) => a.afterBytes - b.afterBytes)
    for (const event of ['readable', 'end', 'close']) source.on(event, () => this.#wake())
    destination.on('close', () => this.#wake())
  }

  /** Settles when nothing more can pass. */
  async run(): Promise<void> {
    await Promise.all([this.#read(), this.#write()])
  }

  async #read(): Promise<void> {
    this.#passMarks()
    for (let piece = await this.#piece(); piece; piece = await this.#piece()) {
      if (this.#discarding) continue
      this.#taken += piece.length
      this.#push({ kind: 'bytes', bytes: piece, dueMs: this.#timeline.now + this.#latencyMs() })
      this.#passMarks()
    }
    this.#push({ kind: 'end' })
  }

  /** The next one that passes whole, once there is room for it; undefined at the end. */
  async #piece(): Promise<Uint8Array | undefined> {
    for (;;) {
      for (const { fromMs, untilMs } of this.#stalls) {
        if (this.#timeline.now >= fromMs) await this.#timeline.untilMs(untilMs)
      }
      if (this.#over) return undefined
      if (this.#lineBytes < LINE_BYTES_MAX && this.#line.length < LINE_ITEMS_MAX) {
        const rest: Uint8Array | null = this.#rest ?? this.#source.read()
        if (rest) {
          const length = Math.min(this.#sliceBytes(), this.#untilMark(), rest.length)
          this.#rest = rest.length > length ? rest.subarray(length) : undefined
          return rest.subarray(0, length)
        }
        if (this.#source.readableEnded || this.#source.destroyed) return undefined
      }
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve
      })
    }
  }

  #sliceBytes(): number {
    return this.#slice && !this.#timeline.healed ? this.#random.integer(1, this.#slice.bytesMax) : LINE_BYTES_MAX
  }

  #latencyMs(): number {
    return this.#timeline.healed ? 0 : (this.#latency?.ms ?? 0)
  }

  #untilMark(): number {
    const [next] = this.#marks
    return next ? next.afterBytes - this.#taken : LINE_BYTES_MAX
  }

  #passMarks(): void {
    for (let [next] = this.#marks; next && next.afterBytes <= this.#taken; [next] = this.#marks) {
      this.#marks.shift()
      if (next.kind === 'half-close') this.#discarding = true
      this.#push({ kind: 'mark', fault: next })
    }
  }

  #push(item: Item): void {
    this.#line.push(item)
    if (item.kind === 'bytes') this.#lineBytes += item.bytes.length
    this.#wakeWriter?.()
  }

  async #write(): Promise<void> {
    while (!this.#over) {
      const item = this.#line.shift()
      if (!item) {
        await new Promise<void>((resolve) => {
          this.#wakeWriter = resolve
        })
        continue
      }
      await this.#pass(item)
    }
  }

  async #pass(item: Item): Promise<void> {
    switch (item.kind) {
      case 'bytes':
        await this.#timeline.untilMs(item.dueMs)
        if (this.#bandwidth) {
          await this.#timeline.untilMs(this.#timeline.now + item.bytes.length / this.#bandwidth.bytesPerMs)
        }
        await this.#forward(item.bytes)
        this.#lineBytes -= item.bytes.length
        return this.#wakeReader?.()
      case 'mark':
        return this.#mark(item.fault)
      case 'end':
        if (this.#slowClose) await this.#timeline.pause(this.#slowClose.ms)
        this.#over = true
        if (!this.#destination.destroyed) this.#destination.end()
    }
  }

  async #mark(fault: Mark): Promise<void> {
    switch (fault.kind) {
      case 'hang':
        return this.#timeline.untilHealed()
      case 'half-close':
        this.#destination.end()
        return
      case 'reset':
        this.#over = true
        this.#cut()
    }
  }

  /**
   * Settles when the operating system has taken it, or never will. In a later turn: a callback may come in the same one,
   * and a stream that is cut into single bytes would keep everybody else from theirs.
   */
  async #forward(bytes: Uint8Array): Promise<void> {
    if (this.#destination.destroyed) return
    await new Promise<void>((resolve) => {
      this.#destination.write(bytes, () => liveClock.turn(resolve))
    })
  }

  #wake(): void {
    if (this.#destination.destroyed || (this.#source.destroyed && !this.#source.readableEnded)) this.#over = true
    this.#wakeReader?.()
    this.#wakeWriter?.()
  }
}
