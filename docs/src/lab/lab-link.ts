/** An edited file in a link: compressed, so that a link stays one that can be sent. */
export interface Edited {
  /** The id of a beginning. */
  readonly from: string
  /** Absent: as it begins. */
  readonly text?: string
}

/** `#lab=mutex~…`; without the edit, `#lab=mutex`. */
export async function encodeEdited({ from, text }: Required<Edited>): Promise<string> {
  const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text))
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  return `#lab=${from}~${letters.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** Undefined for a fragment that is not about the lab. Rejects for one that is damaged. */
export async function decodeEdited(fragment: string): Promise<Edited | undefined> {
  const [, from, letters] = /^#lab=([\w-]+)(?:~([\w-]+))?$/.exec(fragment) ?? []
  if (from === undefined) return undefined
  if (letters === undefined) return { from }
  const bytes = Uint8Array.from(atob(letters.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  )
  return { from, text: new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes)) }
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const out = new Blob([bytes]).stream().pipeThrough(stream)
  return new Uint8Array(await new Response(out).arrayBuffer())
}
