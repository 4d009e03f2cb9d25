/** One colour for each server, the same in all charts; the first five can be told apart without red and green (Okabe and Ito). */
const COLOURS = ['#0072b2', '#e69f00', '#cc79a7', '#009e73', '#d55e00', '#56b4e9', '#8a6d00', '#7a4fbf']
/** Those that are there for comparison stay in the background. */
const GREYS = ['#7d8590', '#a3a9b1', '#5b626b', '#c0c5cb']

export interface Palette {
  readonly names: readonly string[]
  readonly colours: readonly string[]
}

/** By the order of the run's subjects. */
export function paletteOf(
  subjects: readonly { readonly name: string; readonly kind: string; readonly twinOf?: string }[],
): Palette {
  const ours = subjects.filter(({ kind, twinOf }) => (kind === 'pattern' || kind === 'variant') && twinOf === undefined)
  return {
    names: subjects.map(({ name }) => name),
    colours: subjects.map((subject) => {
      const index = ours.indexOf(subject)
      if (index !== -1) return COLOURS[index % COLOURS.length]!
      return GREYS[subjects.filter((other) => !ours.includes(other)).indexOf(subject) % GREYS.length]!
    }),
  }
}
