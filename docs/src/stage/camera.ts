import type { Party, Resource } from '@switchyard/core'
import { describe } from '@switchyard/sim'
import type { Event, RunView, Speech, Violation } from '@switchyard/sim'
import type { ClientView, Frame, PartyView, WaitView } from './frame.ts'
import type { Hearing } from './hearing.ts'
import type { Follower } from './mail.ts'

/** What only the driver of a run knows. */
export interface Beat {
  readonly at: number
  /** Where there is no event: what happened. */
  readonly text: string
  /** Looks into the server. */
  violation?(): Violation | undefined
  everyMs(client: number): number | 'never'
  /** How many messages a client would have sent by now. */
  planned(client: number): number
}

/** Takes a frame of a simulation after each event. */
export class Camera<Say> {
  readonly #run: RunView<Say>
  readonly #speech: Speech<Say>
  readonly #mail: Follower<Say>
  readonly #hearing: Hearing<Say>
  readonly #received: number[]
  #disk: Frame['disk'] = { syncs: 0, steps: 0 }
  #last: Frame | undefined

  constructor(run: RunView<Say>, speech: Speech<Say>, mail: Follower<Say>, hearing: Hearing<Say>) {
    this.#run = run
    this.#speech = speech
    this.#mail = mail
    this.#hearing = hearing
    this.#received = run.clients.map(() => 0)
  }

  take(beat: Beat): Frame {
    const { event, lines } = this.#hearing.take()
    return this.#hearing.unheard(() => this.#frame(beat, event, lines))
  }

  #frame(beat: Beat, event: Event<Say> | undefined, lines: readonly number[]): Frame {
    const { server, clients } = this.#run
    const { at } = beat
    if (event) this.#mail.hear(event, at)
    const before = this.#mail.arrived
    const letters = this.#mail.letters(clients, at)
    if (event?.kind === 'read') this.#received[event.client]! += this.#mail.arrived - before
    if (event?.kind === 'sync') this.#disk = { syncs: this.#disk.syncs + 1, steps: event.committed }
    const edges = server.waits.edges()
    const { held } = server.statistics()
    const last = this.#last
    const frame: Frame = {
      at,
      text: event ? describe(event, this.#speech) : beat.text,
      client: event && 'client' in event ? event.client : undefined,
      lines,
      clients: this.#clients(beat),
      letters,
      held: last && same(last.held, held) ? last.held : held,
      waits:
        edges.length === 0 && last?.waits.length === 0
          ? last.waits
          : edges.map(({ who, what }) => this.#wait(who, what)),
      waitsText: edges.length === 0 ? [] : this.#run.outcome().waits.split('\n'),
      deadlock: edges.length > 0 && server.waits.cycles().length > 0,
      arrived: this.#mail.arrived,
      disk: this.#disk,
      violation: beat.violation?.(),
    }
    this.#last = frame
    return frame
  }

  #clients(beat: Beat): readonly ClientView[] {
    const { clients, server } = this.#run
    const reasons = new Map(
      server.statistics().lastCloses.map(({ client, reason }) => [this.#mail.clientOf(client), reason]),
    )
    const last = this.#last?.clients
    const views = clients.map((client, index): ClientView => {
      const { link } = client
      const view: ClientView = {
        connected: client.connected && !link.gone && client.end === undefined,
        everyMs: beat.everyMs(index),
        closed: reasons.get(index),
        unsent: link.gone ? 0 : Math.max(0, beat.planned(index) - client.nextMove),
        incomingBytes: link.unread().length,
        outgoingBytes: link.readable,
        pendingBytes: link.pending,
        received: this.#received[index]!,
      }
      const before = last?.[index]
      return before && same(before, view) ? before : view
    })
    return last && views.every((view, index) => view === last[index]) ? last : views
  }

  #wait(who: Party, what: Resource): WaitView {
    switch (what.kind) {
      case 'lock': {
        const holder = what.holder()
        return { who: this.#party(who), what: `lock "${what.name}"`, holder: holder && this.#party(holder), lock: true }
      }
      case 'channel':
        return {
          who: this.#party(who),
          what: `room in "${what.name}"`,
          holder: this.#party(what.receiver),
          lock: false,
        }
      case 'room':
        return { who: this.#party(who), what: 'room in its queue', holder: this.#client(what.client), lock: false }
      case 'reading':
        return { who: this.#party(who), what: 'it to read', holder: this.#client(what.client), lock: false }
      case 'input':
        return { who: this.#party(who), what: 'it to send', holder: this.#client(what.client), lock: false }
      case 'memory':
      case 'commit':
        return { who: this.#party(who), what: what.kind, holder: undefined, lock: false }
      case 'named': {
        const holder = what.holder?.()
        return { who: this.#party(who), what: what.name, holder: holder && this.#party(holder), lock: false }
      }
    }
  }

  #party(party: Party): PartyView {
    switch (party.kind) {
      case 'client':
        return this.#client(party.id)
      case 'task':
        return {
          kind: 'task',
          name: party.name,
          of: party.of === undefined ? undefined : this.#mail.clientOf(party.of),
        }
    }
  }

  #client(id: number): PartyView {
    return { kind: 'client', client: this.#mail.clientOf(id) ?? id }
  }
}

/** Whether two flat records with the same keys are equal. */
function same<T extends object>(a: T, b: T): boolean {
  const others = new Map(Object.entries(b))
  return Object.entries(a).every(([key, value]) => others.get(key) === value)
}
