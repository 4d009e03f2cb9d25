/** The server under test went, or gave a client something that nobody had sent to it. Whatever it declares, this is wrong. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly code = 'broken'
}

/** A client read what nobody had sent to it. */
export function strangeBytes(): Broken {
  return new Broken('a client got other bytes than were sent to it')
}

/** Nothing can be said about the server here and now: the machine does not have what the scene needs. */
export class Unable extends Error {
  override readonly name = 'Unable'
  readonly code = 'unable'
}

/** Nothing can ever be said about this server: what would show it can't be seen from outside. */
export class Unseen extends Error {
  override readonly name = 'Unseen'
  readonly code = 'unseen'
}
