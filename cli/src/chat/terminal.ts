import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Heard } from '@switchyard/protocols/chat'
import { hear } from '@switchyard/protocols/chat'
import type { Colours } from '@switchyard/conformance/reports'
import { Known } from './known.ts'

/** Erases what is to the left of the cursor, which then stands at the beginning. */
const ERASE_LINE = '\r\u001b[K'

interface Screen {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly colours: Colours
}

/**
 * A chat on a terminal: what is said appears above the line that is being typed. Enter says it, the arrows bring back what was said
 * before, Tab completes commands, names and rooms; Esc, ^C and ^D quit.
 */
export class Terminal {
  readonly #socket: Socket
  readonly #colours: Colours
  readonly #output: NodeJS.WriteStream
  readonly #known = new Known()
  readonly #editor
  /** Answers to `/users` that were asked for completion, and are not shown. */
  #askedUsers = 0
  #quitting = false

  constructor(socket: Socket, { input, output, colours }: Screen) {
    this.#socket = socket
    this.#colours = colours
    this.#output = output
    this.#editor = createInterface({
      input,
      output,
      terminal: true,
      historySize: 500,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#known.complete(line),
    })
    this.#editor.on('line', (line) => this.#typed(line))
    this.#editor.on('SIGINT', () => this.quit())
    this.#editor.on('close', () => this.quit()) // ^D, or a terminal that is gone.
    input.on('keypress', (_, key: { name?: string } | undefined) => {
      if (key?.name === 'escape') this.quit()
    })
    this.#prompt()
  }

  /** Whether it was the user who ended it. */
  get quitting(): boolean {
    return this.#quitting
  }

  /** A line of the server's, free of control characters. */
  show(line: string): void {
    const heard = hear(line)
    this.#known.hear(heard)
    if (heard.kind === 'users' && this.#askedUsers > 0) {
      this.#askedUsers--
      return
    }
    if (heard.kind === 'entered') {
      this.#askedUsers++
      this.#socket.write('/users\n')
    }
    this.#output.write(`${ERASE_LINE}${this.#coloured(line, heard)}\n`)
    this.#prompt()
  }

  /** To be called when the connection has ended. */
  end(): void {
    this.#quitting = true
    this.#output.write(ERASE_LINE)
    this.#editor.close()
  }

  quit(): void {
    if (this.#quitting) return
    this.#quitting = true
    this.#socket.end('/quit\n')
  }

  #typed(line: string): void {
    // What was typed comes back as the server says it: only that is kept on the screen.
    this.#output.write(`\u001b[A${ERASE_LINE}`)
    if (line.trim() === '/quit') this.quit()
    else if (line !== '' && !this.#quitting) this.#socket.write(`${line}\n`)
    this.#prompt()
  }

  #prompt(): void {
    if (this.#quitting) return
    const { name, room } = this.#known
    this.#editor.setPrompt(name === '' ? '> ' : `${name}@${room}> `)
    this.#editor.prompt(true)
  }

  #coloured(line: string, heard: Heard): string {
    const { bold, cyan, dim, yellow, red } = this.#colours
    switch (heard.kind) {
      case 'said': {
        const name = heard.name === this.#known.name ? bold(heard.name) : cyan(heard.name)
        return `${name}: ${heard.text}`
      }
      case 'whispered':
      case 'whispering':
        return yellow(line)
      case 'missed':
        return red(line)
      case 'did':
        return cyan(line)
      case 'joined':
      case 'left':
      case 'renamed':
      case 'named':
      case 'entered':
      case 'earlier':
      case 'rooms':
      case 'users':
      case 'told':
        return dim(line)
    }
  }
}
