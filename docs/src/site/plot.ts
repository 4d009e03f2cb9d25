/** Geometry of the site's plots, in the units of their SVG. */
export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** A box with two axes. Both begin at 0, in its lower left corner. */
export class Plot {
  readonly box: Box
  readonly #xMax: number
  readonly #yMax: number

  constructor(box: Box, xMax: number, yMax: number) {
    this.box = box
    this.#xMax = xMax
    this.#yMax = yMax
  }

  x(value: number): number {
    return this.box.left + ((this.box.right - this.box.left) * value) / this.#xMax
  }

  /** What is larger than the axis stands at its end. */
  y(value: number): number {
    return this.box.bottom - ((this.box.bottom - this.box.top) * Math.min(this.#yMax, value)) / this.#yMax
  }

  /** The values that stand at a point. */
  valuesAt(x: number, y: number): { readonly x: number; readonly y: number } {
    const { left, right, top, bottom } = this.box
    return { x: ((x - left) / (right - left)) * this.#xMax, y: ((bottom - y) / (bottom - top)) * this.#yMax }
  }

  /** A polyline's points, one for each place on the x axis; null has none. */
  line(values: readonly (number | null)[]): string {
    return values.flatMap((value, index) => (value === null ? [] : [`${this.x(index)},${this.y(value)}`])).join(' ')
  }
}

/** Heights in ascending order, moved down where two are closer than `gap`. */
export function apart(heights: readonly number[], gap: number): readonly number[] {
  return heights.reduce<readonly number[]>((placed, height) => {
    const above = placed.at(-1)
    return [...placed, above === undefined ? height : Math.max(height, above + gap)]
  }, [])
}
