/**
 * A text about a server's clients, which it knows by their ids, for readers who know them by their place in the world.
 * `clientOf` has the place for each id.
 */
export function numbered(text: string, clientOf: ReadonlyMap<number, number>): string {
  return text.replaceAll(/\bclient (\d+)/g, (found, id: string) => {
    const client = clientOf.get(Number(id))
    return client === undefined ? found : `client ${client}`
  })
}
