import { Drawing } from './drawing.ts'
import type { Palette } from './drawing.ts'
import { paletteOf } from './palette.ts'
import { laneLayout, ringLayout } from './places.ts'
import type { Layout, Size } from './places.ts'
import type { Lane } from './player.ts'

const LAYOUTS = { lane: laneLayout, ring: ringLayout } as const
/** More would cost time and show nothing. */
const PIXEL_RATIO_MAX = 2

/** A canvas in a page that shows one lane, in the colours of the page's theme. */
export class Picture {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #kind: Layout['kind']
  readonly #drawing = new Drawing()
  #size: Size = { width: 0, height: 0 }
  #layout: { readonly clients: number; readonly places: Layout } | undefined
  #theme: { readonly name: string; readonly palette: Palette } | undefined

  /** Throws TypeError where the browser does not draw on a canvas. */
  constructor(canvas: HTMLCanvasElement, kind: Layout['kind']) {
    const context = canvas.getContext('2d')
    if (!context) throw new TypeError('this browser does not draw on a canvas')
    this.#canvas = canvas
    this.#context = context
    this.#kind = kind
  }

  /** Takes the size that the canvas has in its page now. */
  fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    const ratio = Math.min(PIXEL_RATIO_MAX, devicePixelRatio)
    this.#size = { width, height }
    this.#canvas.width = width * ratio
    this.#canvas.height = height * ratio
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.#layout = undefined
  }

  /** `elapsedMs`: time since the last picture, in which messages move; they jump where less motion was asked for. */
  paint({ frame, run }: Lane, bufferBytes: number, elapsedMs: number): void {
    if (this.#size.width === 0) return
    const look = {
      palette: this.#palette(),
      bufferBytes,
      travelMs: run.travelMs,
      elapsedMs: matchMedia('(prefers-reduced-motion: reduce)').matches ? Infinity : elapsedMs,
    }
    this.#drawing.draw(this.#context, this.#size, this.#places(frame.clients.length), frame, look)
  }

  #palette(): Palette {
    const name = document.documentElement.className
    if (this.#theme?.name !== name) this.#theme = { name, palette: paletteOf(this.#canvas) }
    return this.#theme.palette
  }

  #places(clients: number): Layout {
    if (this.#layout?.clients !== clients) this.#layout = { clients, places: LAYOUTS[this.#kind](this.#size, clients) }
    return this.#layout.places
  }
}
