import type { Heard } from '@switchyard/protocols/chat'

/** The commands of a server, as far as `Tab` completes them (C4.1). */
export const COMMANDS = ['/help', '/name', '/rooms', '/join', '/users', '/quit', '/me', '/msg'] as const

/** What a client knows from what it has heard: its own name and room, and the names and rooms to complete. */
export class Known {
  name = ''
  room = ''
  readonly names: Set<string> = new Set()
  readonly rooms: Set<string> = new Set()

  hear(heard: Heard): void {
    switch (heard.kind) {
      case 'named':
        this.name = heard.name
        this.names.add(heard.name)
        return
      case 'entered':
        this.room = heard.room
        this.rooms.add(heard.room)
        return
      case 'renamed':
        if (heard.name === this.name) this.name = heard.to
        this.names.delete(heard.name)
        this.names.add(heard.to)
        return
      case 'left':
        this.names.delete(heard.name)
        return
      case 'users':
        for (const name of heard.names) this.names.add(name)
        return
      case 'rooms':
        for (const { name } of heard.rooms) this.rooms.add(name)
        return
      case 'said':
      case 'did':
      case 'whispered':
      case 'joined':
        this.names.add(heard.name)
        return
      case 'whispering':
      case 'earlier':
      case 'missed':
      case 'told':
    }
  }

  /** As readline asks for it: what the word before the cursor may become, and that word. */
  complete(line: string): [candidates: string[], word: string] {
    const word = /\S*$/.exec(line)?.[0] ?? ''
    const before = line.slice(0, line.length - word.length)
    return [this.#candidates(before).filter((candidate) => candidate.startsWith(word)), word]
  }

  #candidates(before: string): string[] {
    if (before === '') return [...COMMANDS.map((command) => `${command} `), ...sorted(this.names, ': ')]
    if (/^\/msg\s+$/.test(before)) return sorted(this.names, ' ')
    if (/^\/join\s+$/.test(before)) return sorted(this.rooms, '')
    return sorted(this.names, ' ')
  }
}

function sorted(words: Iterable<string>, end: string): string[] {
  return Array.from(words, (word) => word + end).toSorted()
}
