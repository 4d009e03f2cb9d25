/** One passage of a file in place of another: what exercises, levels and the history's steps are made of. */
import type { PlantedFault } from '@switchyard/conformance/portable'
import { FAULTS as CHAT_FAULTS } from '@switchyard/protocols/chat/faults'
import { FAULTS as EPMD_FAULTS } from '@switchyard/protocols/epmd/faults'
import type { Sources } from './evaluate.ts'

export interface Edit {
  /** From the repository's root. */
  readonly file: string
  /** Occurs once in the file. */
  readonly from: string
  readonly to: string
}

/** The file with the edit. Throws RangeError where it does not have the passage once. */
export function edited({ file, from, to }: Edit, sources: Sources): string {
  const text = sources[file]
  if (text === undefined) throw new RangeError(`there is no ${file}`)
  const [before = '', after, ...more] = text.split(from)
  if (after === undefined || more.length > 0) throw new RangeError(`${file} must have once: ${from}`)
  return before + to + after
}

export function planted(protocol: string, { file, find, replace }: PlantedFault): Edit {
  return { file: `protocols/${protocol}/src/${file}`, from: find, to: replace }
}

/** Those that are an exercise and a level. */
export const MISSING_AWAIT: Edit = {
  file: 'impls/mutex/src/server.ts',
  from: '      await deliver(who)',
  to: '      void deliver(who)',
}

export const EARLY_FLUSH: Edit = {
  file: 'impls/reactor/src/server.ts',
  from: `    for (const connection of ready.readable.take()) read(connection)
    if (due) takeDue()
    if (committing.count === 0) commit()
    for (const connection of connections.takeDirty()) write(connection)
`,
  to: `    if (committing.count === 0) commit()
    for (const connection of connections.takeDirty()) write(connection)
    for (const connection of ready.readable.take()) read(connection)
    if (due) takeDue()
`,
}

export const NO_ERROR_CHANNEL: Edit = {
  file: 'impls/channels/src/server.ts',
  from: "    if (!connections.stopped) await events.send({ kind: 'disconnected', connection }, connection.party)\n",
  to: '',
}

/** Throws RangeError for an id that no fault has. */
export function faultOfChat(id: string): PlantedFault {
  return faultOf(CHAT_FAULTS, id)
}

export const chatEdit = (id: string): Edit => planted('chat', faultOfChat(id))
export const epmdEdit = (id: string): Edit => planted('epmd', faultOf(EPMD_FAULTS, id))

function faultOf(faults: readonly PlantedFault[], id: string): PlantedFault {
  const fault = faults.find((each) => each.id === id)
  if (!fault) throw new RangeError(`there is no fault ${id}`)
  return fault
}
