/**
 * Idea      A restart must not turn anybody away: the next server takes the listener over while this one ends.
 * Flaw      It is the same process, and it was told to end. Whoever comes now is let in, and cut off a moment later.
 * Seen by   R4.3-nobody-let-in: a server that shuts down lets nobody in.
 */
import type { Duplex } from 'node:stream'
import type { Listener, Protocol, ServeOptions } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

/** A listener that serves whoever asked last, and stays open. */
class HandedOver implements Listener {
  #accept: ((socket: Duplex) => void) | undefined

  constructor(listener: Listener) {
    listener.on('connection', (socket) => this.#accept?.(socket))
  }

  on(event: 'connection', accept: (socket: Duplex) => void): void
  on(event: 'error', failed: (error: Error) => void): void
  on(...[event, heard]: ['connection', (socket: Duplex) => void] | ['error', (error: Error) => void]): void {
    if (event === 'connection') this.#accept = heard
  }

  off(): void {}
  close(): void {}
}

class Succeeded extends SoundServer {
  readonly #listener: Listener
  readonly #succeed: () => SoundServer

  constructor(protocol: Protocol, listener: Listener, options: ServeOptions) {
    const handedOver = new HandedOver(listener)
    super(protocol, handedOver, options)
    this.#listener = listener
    this.#succeed = () => new SoundServer(protocol, handedOver, options)
  }

  protected override async stop(): Promise<void> {
    const ended = super.stop()
    const successor = this.#succeed()
    await ended
    await successor.shutdown()
    this.#listener.close()
  }
}

export const acceptsWhileShuttingDown: Mutant = {
  seenBy: 'R4.3',
  case: 'R4.3-nobody-let-in',
  reason: 'a client got an id after the server had begun to shut down',
  pattern: soundBut('accepts-while-shutting-down', { Server: Succeeded }),
}
