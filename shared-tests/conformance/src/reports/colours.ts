import type pc from 'picocolors'

/** Colours for one stream: those of the terminal, or none. */
export type Colours = ReturnType<typeof pc.createColors>
