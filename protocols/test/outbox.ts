import type { ClientId, Group, Outbox } from '@switchyard/core'

/** An outbox for tests of protocols: each verb that a test does not override fails it. */
export class StrictOutbox implements Outbox {
  readonly apart: boolean = false
  now = 0

  send(_to: ClientId, _bytes: Uint8Array, _start?: number, _end?: number, _messages?: number): void {
    unexpected('send')
  }

  give(_to: ClientId, _bytes: Uint8Array): void {
    unexpected('give')
  }

  keep(chunk: Uint8Array): Uint8Array {
    return new Uint8Array(chunk)
  }

  offer(_to: ClientId, _bytes: Uint8Array, _start?: number, _end?: number): boolean {
    return unexpected('offer')
  }

  offerAll(to: Group, bytes: Uint8Array, start?: number, end?: number): readonly ClientId[] {
    return [...to].filter((client) => !this.offer(client, bytes, start, end))
  }

  missed(_client: ClientId): number {
    return unexpected('missed')
  }

  queued(_client: ClientId): number {
    return unexpected('queued')
  }

  whenQueued(_client: ClientId, _atMost: number): void {
    unexpected('whenQueued')
  }

  wakeAt(_at: number): void {
    unexpected('wakeAt')
  }

  close(_client: ClientId, _why?: string): void {
    unexpected('close')
  }

  abort(_client: ClientId, _reason: string, _why?: string): void {
    unexpected('abort')
  }

  finish(_client: ClientId): void {
    unexpected('finish')
  }

  pause(_client: ClientId): void {
    unexpected('pause')
  }

  resume(_client: ClientId): void {
    unexpected('resume')
  }

  pace(_client: ClientId): void {
    unexpected('pace')
  }
}

function unexpected(verb: string): never {
  throw new Error(`the protocol called ${verb}, which this test does not expect`)
}
