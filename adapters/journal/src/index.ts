/**
 * A journal of commands on a disk: `FileJournal.open(folder, engine)` recovers what is there, and keeps what comes.
 *
 * journal.ts   appends, syncs, ends days: begin here
 * recovery.ts  from files to a state, and what a crash may leave
 * format.ts    how a file looks
 * folder.ts    which files there are, snapshots, and the lock
 */
export { FileJournal, readJournal } from './journal.ts'
export type { JournalOptions, JournalStatistics } from './journal.ts'
export { JournalError } from './folder.ts'
export type { JournalFile } from './folder.ts'
export type { Progress, Recovered } from './recovery.ts'
