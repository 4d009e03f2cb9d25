import type { Joining } from '@switchyard/harness'

/** Says something, and hears until this has come. */
export function asked(says: string, until: string): Joining & { readonly says: Uint8Array } {
  let heard = ''
  return {
    says: Buffer.from(says),
    hears(bytes) {
      heard += Buffer.from(bytes).toString('latin1')
      const at = heard.indexOf(until)
      return at === -1 ? undefined : { rest: Buffer.from(heard.slice(at + until.length), 'latin1') }
    },
  }
}
