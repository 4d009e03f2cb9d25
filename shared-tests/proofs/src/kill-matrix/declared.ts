import type { Guarantee } from '@switchyard/core'
import type { Column, Reason, Sight } from './matrix.ts'

/** Seen at the message behind those that are missing; if none comes behind them, by the wait for them. */
const LOST = /messages are missing, or out of order|awaits a message/
const NEVER_CAME = 'awaits a message'
const HELD = 'while four senders offer 64 MB of short messages to one stalled client, the bytes held stay within bounds'

/** For each failure that a variant declares, the case that shows it and a part of what is reported. */
export const DECLARED: Readonly<Record<string, readonly Sight[]>> = {
  plain: [
    sight(
      'R5.3',
      'a client that reads nothing is aborted, and whoever waited for it goes on',
      'stalled was not aborted: all of the',
    ),
    sight('R5.4', HELD, 'bytes were held for one client, more than'),
    sight(
      'R5.5',
      'a client that does not close is waited for as long as lingerMs, and no longer',
      'the end of the shutdown did not come within 300 ms',
    ),
    sight(
      'R5.6',
      'when unfinished messages alone fill the memory, the client with the largest is ended, and the others go on',
      'the end of the client with the largest unfinished message did not come',
    ),
  ],
  // Its fault is R1.5. All else follows from it: whatever is sent behind a message in one segment is lost.
  'one-message-per-read': [
    follows('R1.3', 'bodies of all lengths about a power of two arrive whole', LOST),
    follows(
      'R1.4',
      'the destination receives bodies and their NULs, and not a byte more',
      'receiver awaits 19 bytes; ',
    ),
    sight('R1.5', 'a segment may hold hundreds of messages, for several clients', 'receiver 1 awaits a message'),
    follows('R2.1', 'a late message to a client that has left reaches no newcomer', NEVER_CAME),
    follows('R3.1', 'one segment of messages for different clients is told apart', NEVER_CAME),
    follows('R3.2', 'thousands of messages of mixed lengths between one pair keep their order', LOST),
    follows('R3.3', 'messages of many senders to one destination do not interleave, though they pile up', LOST),
    follows('R3.4', 'when everybody sends to everybody, every message arrives once', LOST),
    follows('R3.6', 'a client that sends itself megabytes while it reads receives all of them in order', LOST),
    follows('R3.7', 'a message to an unknown id is dropped, and the next one routed', NEVER_CAME),
    follows('R4.1', 'a client that sends to itself and then FIN receives it all, and then FIN', LOST),
    follows('R4.2', 'traffic goes on between two clients while dozens of others reset', LOST),
    follows('R4.3', 'under load, each destination receives of each sender a prefix of whole messages, and FIN', LOST),
    follows(
      'R5.3',
      'a client that stops reading, but not for as long as the deadline, gets everything and stays',
      LOST,
    ),
    follows('R5.4', HELD, 'bytes had been read for one client and not been written'),
    follows('R5.6', 'at heldBytesMax reading pauses, and goes on when clients read; nothing is lost', LOST),
  ],
  'task-per-message': [sight('R5.4', HELD, 'bytes were held for one client, more than')],
  // Its fault is R3.4. All else follows from it, in cases where somebody reads slowly and is owed everything.
  'dropping-mailboxes': [
    follows('R3.3', 'messages of many senders to one destination do not interleave, though they pile up', LOST),
    sight('R3.4', 'a receiver that stops until its sender is stuck, and then reads, gets every message once', LOST),
    follows('R4.1', 'megabytes before a FIN are all delivered, to a receiver that begins to read after it', LOST),
    follows('R4.2', 'a sender that resets, with much on its way, leaves whole messages behind', LOST),
    follows(
      'R4.3',
      'every complete message that was read before the shutdown is delivered to a client that reads',
      'the server had read 279 complete messages when its shutdown began',
    ),
    follows(
      'R5.3',
      'a client that stops reading, but not for as long as the deadline, gets everything and stays',
      LOST,
    ),
    follows('R5.4', HELD, 'bytes had been read for one client and not been written'),
    follows('R5.6', 'at heldBytesMax reading pauses, and goes on when clients read; nothing is lost', LOST),
  ],
  'unbounded-reactor': [sight('R5.4', HELD, 'bytes were held for one client, more than')],
}

/** For each guarantee a part of what is reported of a server that pays with it. */
export const PRICES: Readonly<Record<Guarantee, string>> = {
  G1: 'clients lack messages',
  G2: 'while two clients read nothing',
  G3: 'bytes are held for one client, more than',
  G4: 'reads nothing',
  G5: 'have not been handled for',
  G6: 'idle clients a message costs more than',
  G7: 'while a burst of half of queuedBytesMax waits',
  G8: 'of the same sender',
}

function sight(column: Column, by: string, reason: Reason): Sight {
  return { column, by, reason }
}

function follows(column: Column, by: string, reason: Reason): Sight {
  return { column, by, reason, follows: true }
}
