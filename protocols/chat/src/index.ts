/**
 * Chat: one to many. `Chat` is the server's side; its clauses are in docs/protocols/chat.md.
 *
 * chat.ts         the protocol: begin here
 * rooms.ts        who is where, and what was said there last; member.ts: one of them
 * line-reader.ts  bytes to lines, commands.ts lines to commands
 * names.ts        names that repeat never and look random
 * flood-limit.ts  how many lines a member may send
 */
export { Chat, DEFAULT_OPTIONS, OPTION_NAMES, RANGES } from './chat.ts'
export type { ChatOptions } from './chat.ts'
export { hear, ServerLines } from './heard.ts'
export type { Heard } from './heard.ts'
