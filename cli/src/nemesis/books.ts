/** One way from a sender to a receiver that has no other: what was sent, and what became of it. */
export class Book {
  readonly from: number
  readonly to: number
  readonly run: string
  sent = 0
  arrived = 0
  duplicates = 0
  reordered = 0
  strangers = 0
  /** Of its messages, as the nodes tell. */
  reported = 0
  /** The connection of one end was reset, or ended: that reports whatever is missing. */
  ended = false
  #last = -1

  constructor(from: number, to: number, run: string) {
    this.from = from
    this.to = to
    this.run = run
  }

  next(): string {
    return `${this.run} ${this.sent++}`
  }

  hear(body: string): void {
    const [run, text] = body.split(' ')
    const count = Number(text)
    if (run !== this.run || !Number.isInteger(count) || count >= this.sent) this.strangers++
    else if (count === this.#last) this.duplicates++
    else if (count < this.#last) this.reordered++
    else {
      this.#last = count
      this.arrived++
    }
  }

  get missing(): number {
    return this.sent - this.arrived
  }

  /** Missing, and nobody says so. */
  get unreported(): number {
    return this.ended ? 0 : Math.max(0, this.missing - this.reported)
  }

  /** Reported although it came: of what was in doubt. */
  get inDoubt(): number {
    return this.ended ? 0 : Math.max(0, this.reported - this.missing)
  }

  get sound(): boolean {
    return this.duplicates + this.reordered + this.strangers + this.unreported === 0
  }
}

export interface Totals {
  readonly sent: number
  readonly arrived: number
  readonly reported: number
  readonly endedWithAnEnd: number
  readonly inDoubt: number
  readonly duplicates: number
  readonly reordered: number
  readonly strangers: number
  readonly unreported: number
}

export function totalsOf(books: readonly Book[]): Totals {
  const sum = (of: (book: Book) => number): number => books.reduce((total, book) => total + of(book), 0)
  return {
    sent: sum(({ sent }) => sent),
    arrived: sum(({ arrived }) => arrived),
    reported: sum((book) => (book.ended ? 0 : book.reported)),
    endedWithAnEnd: sum((book) => (book.ended ? book.missing : 0)),
    inDoubt: sum(({ inDoubt }) => inDoubt),
    duplicates: sum(({ duplicates }) => duplicates),
    reordered: sum(({ reordered }) => reordered),
    strangers: sum(({ strangers }) => strangers),
    unreported: sum(({ unreported }) => unreported),
  }
}
