import assert from 'node:assert/strict'
import type { Child, Report, Run, Self, Tree } from '../../src/index.ts'
import type { Library } from '../library.ts'
import { OTP_ROWS } from '../otp.ts'
import type { Branch, Leaf, Move, Row } from '../otp.ts'
import { Stage } from './case.ts'
import type { Case } from './case.ts'

/** Every row of the table, carried out. */
export const OTP_CASES: readonly Case[] = OTP_ROWS.map((row) => ({
  id: row.id,
  says: row.otp,
  run: (library) => new Puppets(library, row).run(),
}))

/** Services that end when the script says so, or when they are told to. */
class Puppets {
  readonly #library: Library
  readonly #row: Row
  readonly #stage = new Stage()
  readonly #ends = new Map<string, (error?: Error) => void>()
  #log: string[] = []
  #tree: Tree | undefined

  constructor(library: Library, row: Row) {
    this.#library = library
    this.#row = row
  }

  async run(): Promise<void> {
    const { script, reports } = this.#row
    for (const [index, move] of script.entries()) {
      if (index === 1) this.#log = []
      await this.#move(move)
      await this.#stage.rest()
    }
    assert.deepEqual(this.#log, reports)
  }

  async #move(move: Move): Promise<void> {
    switch (move.kind) {
      case 'start':
        return this.#start()
      case 'stop':
        return void this.#tree?.stop()
      case 'fail':
        for (const child of move.children) this.#ends.get(child)?.(new Error(`${child} fails`))
        return
      case 'return':
        for (const child of move.children) this.#ends.get(child)?.()
        return
      case 'pass':
        return this.#stage.pass(move.ms)
    }
  }

  async #start(): Promise<void> {
    try {
      this.#tree = await this.#library.start(this.#branch('root', this.#row.tree))
      void this.#tree.ended.then(({ how }) => this.#log.push(`the tree ${how}`))
    } catch (error) {
      assert.ok(error instanceof Error)
      this.#log.push(error.message)
    }
  }

  #branch(name: string, branch: Branch): Child {
    return this.#library.supervisor({
      intensity: 1,
      periodMs: 5_000,
      ...branch,
      name,
      children: branch.children.map((child) =>
        'strategy' in child ? this.#branch(child.name, child) : this.#leaf(child),
      ),
      clock: this.#stage.clock,
      report: (report) => this.#log.push(said(report)),
    })
  }

  #leaf(leaf: Leaf): Child {
    const { name } = leaf
    const mailbox = new this.#library.Mailbox<never>({ name, capacity: 1, onDeath: 'transfer', lost() {} })
    return this.#library.service({ ...leaf, mailbox, start: (self) => this.#started(leaf, self) })
  }

  async #started({ name, deaf, startsNot, neverReady }: Leaf, { incarnation }: Self<never>): Promise<Run> {
    if (startsNot?.includes(incarnation.number)) throw new Error(`${name} does not start`)
    if (neverReady?.includes(incarnation.number)) await new Promise(() => {})
    return () =>
      new Promise((resolve, reject) => {
        this.#ends.set(name, (error) => (error ? reject(error) : resolve()))
        if (!deaf) incarnation.signal.addEventListener('abort', () => resolve())
      })
  }
}

function said(report: Report): string {
  switch (report.kind) {
    case 'started':
    case 'abandoned':
      return `${report.child} ${report.number} ${report.kind}`
    case 'ended':
      return `${report.child} ${report.end.how}`
    case 'restarting':
      return `${report.supervisor} restarts ${report.children.join(', ')}`
    case 'gave-up':
      return `${report.supervisor} gives up`
  }
}
