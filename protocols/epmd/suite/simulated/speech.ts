import { bytesInWords } from '@switchyard/sim'
import type { Speech } from '@switchyard/sim'
import { alive2, LENGTH_BYTES, request, uint16 } from '../message.ts'

/** A request; `name` is empty where there is none. */
export interface EpmdSay {
  readonly kind: 'register' | 'port' | 'names' | 'rubbish'
  readonly name: string
}

const LETTERS: Readonly<Record<EpmdSay['kind'], string>> = { register: 'n', port: 'p', names: 'l', rubbish: 'x' }

const WORDS: Readonly<Record<EpmdSay['kind'], (name: string) => string>> = {
  register: (name) => `to register ${name}`,
  port: (name) => `to ask for ${name}`,
  names: () => 'to ask for all names',
  rubbish: () => 'that is no request',
}

/** A client needs to know nothing before it speaks. */
export const EPMD_SPEECH: Speech<EpmdSay> = {
  protocol: 'epmd',
  begin: () => ({ hear: () => false, introduced: () => true, bytesOf: (_, say) => bytesOf(say) }),
  label({ kind, name }, { bytes, whole }) {
    return `sends ${bytesInWords(bytes)} ${WORDS[kind](name)}${whole ? '' : ' (in part)'}`
  },
  encode: ({ kind, name }) => `${LETTERS[kind]}.${name}`,
  decode(text) {
    const [letter, name] = text.split('.')
    for (const kind of ['register', 'port', 'names', 'rubbish'] as const) {
      if (letter === LETTERS[kind] && name !== undefined && /^[a-z]*$/.test(name)) return { kind, name }
    }
    return undefined
  },
  messageEnd(bytes) {
    const end = LENGTH_BYTES + (bytes.length < LENGTH_BYTES ? bytes.length : (bytes[0]! << 8) | bytes[1]!)
    return end <= bytes.length ? end : 0
  },
}

function bytesOf({ kind, name }: EpmdSay): Uint8Array {
  switch (kind) {
    case 'register':
      return alive2(name)
    case 'port':
      return request('z', name)
    case 'names':
      return request('n')
    case 'rubbish':
      return Uint8Array.of(...uint16(3), 0, 0, 0)
  }
}
