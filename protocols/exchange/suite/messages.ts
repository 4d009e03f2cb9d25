/** Commands and messages as a client writes and reads them: written for this suite, by the specifications, beside the server's own code. */

/** The one that every server has which is judged. */
export const SYMBOL = 'SWYD'

/** What an order says where a test does not care. */
export interface Order {
  readonly side?: string
  readonly shares?: number
  readonly price?: number
  readonly stock?: string
  readonly timeInForce?: number
  readonly display?: string
  readonly minimum?: number
}

export function enter(token: string, order: Order = {}): Uint8Array {
  const { side = 'B', shares = 100, price = 10_000, stock = SYMBOL, timeInForce = 99_998 } = order
  const { display = 'Y', minimum = 0 } = order
  const firm = `FIRM${display}PN`
  return packed(
    49,
    ['O', 0],
    [token, 1, 14],
    [side, 15],
    [shares, 16],
    [stock, 20, 8],
    [price, 28],
    [timeInForce, 32],
    [firm, 36],
    [minimum, 43],
    ['NR', 47],
  )
}

export function replace(existing: string, token: string, order: Order = {}): Uint8Array {
  const { shares = 100, price = 10_000, timeInForce = 99_998, display = 'Y', minimum = 0 } = order
  return packed(
    47,
    ['U', 0],
    [existing, 1, 14],
    [token, 15, 14],
    [shares, 29],
    [price, 33],
    [timeInForce, 37],
    [`${display}N`, 41],
    [minimum, 43],
  )
}

export function cancel(token: string, shares = 0): Uint8Array {
  return packed(19, ['X', 0], [token, 1, 14], [shares, 15])
}

/** A packet of a client's: `U` is a command, `R` a heartbeat, `O` a logout, `+` words for the log. */
export function packet(type: string, body: Uint8Array | string = ''): Uint8Array {
  const bytes = typeof body === 'string' ? latin1(body) : body
  return Uint8Array.from([(bytes.length + 1) >> 8, (bytes.length + 1) & 255, ...latin1(type), ...bytes])
}

export function login(name: string, password: string, session = '', sequence = 0): Uint8Array {
  const text = name.padEnd(6) + password.padEnd(10) + session.padStart(10) + String(sequence).padStart(20)
  return packet('L', text)
}

/** One packet of the server's, without its length, in words: `A a1 B 100@10000`; and the number that it gives an order or a match. */
export interface Heard {
  readonly words: string
  readonly number: bigint
}

export function heardIn(bytes: Uint8Array): Heard {
  const type = textAt(bytes, 0, 1)
  if (type === 'S') return toldIn(bytes.subarray(1))
  if (type === 'U') return { words: topIn(bytes.subarray(1)), number: 0n }
  return { words: `${type} ${textAt(bytes, 1, bytes.length).replaceAll(/ +/g, ' ')}`.trim(), number: 0n }
}

function toldIn(bytes: Uint8Array): Heard {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [type, token] = [textAt(bytes, 0, 1), textAt(bytes, 9, 23)]
  const order = (): string => `${textAt(bytes, 23, 24)} ${view.getUint32(24)}@${view.getUint32(36)}`
  switch (`${type}${bytes.length}`) {
    case 'A66':
      return { words: `A ${token} ${order()}`, number: view.getBigUint64(49) }
    case 'U80':
      return { words: `U ${textAt(bytes, 65, 79)}>${token} ${order()}`, number: view.getBigUint64(49) }
    case 'C28':
      return { words: `C ${token} ${view.getUint32(23)} ${textAt(bytes, 27, 28)}`, number: 0n }
    case 'E40': {
      const words = `E ${token} ${view.getUint32(23)}@${view.getUint32(27)} ${textAt(bytes, 31, 32)}`
      return { words, number: view.getBigUint64(32) }
    }
    case 'J24':
      return { words: `J ${token} ${textAt(bytes, 23, 24)}`, number: 0n }
    default:
      return { words: `no message of OUCH 4.2: ${type}, ${bytes.length} bytes`, number: 0n }
  }
}

/** The best prices: `T SWYD 100@9000 5@10000`, bid and ask. */
function topIn(bytes: Uint8Array): string {
  if (bytes.length !== 37) return `no best prices: ${bytes.length} bytes`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const best = (at: number): string => `${view.getBigUint64(at + 4)}@${view.getUint32(at)}`
  const missed = view.getUint32(33)
  return `${textAt(bytes, 0, 1)} ${textAt(bytes, 1, 9)} ${best(9)} ${best(21)}${missed > 0 ? ` (${missed} missed)` : ''}`
}

type Field = readonly [value: string | number, at: number, length?: number]

function packed(length: number, ...fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  for (const [value, at, width = 0] of fields) {
    if (typeof value === 'number') view.setUint32(at, value)
    else bytes.set(latin1(value.padEnd(width)), at)
  }
  return bytes
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end)).trim()
}

function latin1(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0))
}
