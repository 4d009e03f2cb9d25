/** A level as it is played: what the page shows of it, and what a player can do. */
import { BOARDS } from './boards.ts'
import type { Board, Contender, Orders } from './boards.ts'
import type { Level } from './levels.ts'
import type { Mirrored, Position } from './match.ts'
import { contenderOf, soundFor, textOf } from './servers.ts'
import type { Sources } from '../lab/evaluate.ts'

/** One line of the file that the player is shown. */
export interface CodeLine {
  readonly number: number
  readonly text: string
  /** Not as it is in the repository. */
  readonly changed: boolean
}

export class Play {
  readonly level: Level
  readonly code: readonly CodeLine[]
  readonly #board: Board
  readonly #contender: Contender
  readonly #sound: Contender

  /** Throws RangeError for a level that the sources do not fit any more. */
  constructor(level: Level, sources: Sources) {
    this.level = level
    this.code = codeLines(level, sources)
    this.#board = BOARDS[level.protocol]
    this.#contender = contenderOf(level.code, sources)
    this.#sound = soundFor(level.code)
  }

  position(picks: readonly number[]): Promise<Position> {
    return this.#board.position(this.level.line, this.#contender, picks)
  }

  par(): Promise<readonly number[]> {
    return this.#board.par(this.level.line, this.#contender)
  }

  /** The same order of events on the sound server. */
  replayed(picks: readonly number[]): Promise<Mirrored> {
    return this.#board.mirror(this.level.line, this.#contender, picks, this.#sound)
  }

  /** Orders of the same clients' events on the sound server, up to so many. Segments and writes are whole in them. */
  soundOrders(runsMax: number): Promise<Orders> {
    return this.#board.explore(this.level.line, this.#sound, runsMax)
  }
}

/** What the code is called on the page: a mutant's own name would tell everything. */
export function captionOf({ id, code }: Level): string {
  switch (code.kind) {
    case 'mutant':
      return `${id}.ts`
    case 'price':
      return code.pattern
    case 'changed':
      return code.file
  }
}

/** Without the header of a mutant, which tells everything. */
function codeLines({ code }: Level, sources: Sources): CodeLine[] {
  const lines = textOf(code, sources).trimEnd().split('\n')
  const first = code.kind === 'mutant' ? lines.indexOf(' */') + 1 : 0
  const sound = code.kind === 'changed' ? new Set((sources[code.file] ?? '').split('\n')) : new Set(lines)
  const moved = code.kind === 'changed' ? new Set(code.to.split('\n').filter((line) => line.trim() !== '')) : new Set()
  return lines
    .map((text, index) => ({ number: index + 1, text, changed: moved.has(text) || !sound.has(text) }))
    .slice(first)
}
