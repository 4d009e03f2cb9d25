/** Where things stand in the packets that the benchmark's own client and server read and write. */
export { ENTER_AT as ENTER_FIELDS } from '../src/ouch.ts'

/** A login, and an order without its packet's type. */
export const LOGIN_BYTES = 47
export const ENTER_BYTES = 49
/** In front of a message: the packet's length, and its type. */
export const SEQUENCED_HEADER = 3
export const BUY_LETTER = 0x42
