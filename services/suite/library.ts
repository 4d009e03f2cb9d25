import type * as services from '../src/index.ts'

/** What is judged: the library, or a copy of it with a fault. */
export type Library = Pick<
  typeof services,
  'Directory' | 'ended' | 'Incarnation' | 'Mailbox' | 'service' | 'start' | 'supervisor'
>
