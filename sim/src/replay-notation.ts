import type { Schedule } from './choices.ts'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Equal answers in a row from which a count is shorter. */
const RUN_MIN = 4

/** Bytes in base64url, `aGk`; `QQ@40` for 40 bytes that repeat one. */
export function bytesText(bytes: Uint8Array): string {
  const period = periodOf(bytes)
  return period < bytes.length ? `${base64url(bytes.subarray(0, period))}@${bytes.length}` : base64url(bytes)
}

/** `0012`; `0@7,` for seven times 0; `=40,` for what is larger than z. */
export function scheduleText(schedule: Schedule): string {
  let text = ''
  for (let i = 0; i < schedule.length;) {
    const answer = schedule[i]!
    let count = 1
    while (schedule[i + count] === answer) count++
    const one = answer < 36 ? answer.toString(36) : `=${answer},`
    text += count < RUN_MIN ? one.repeat(count) : `${one}@${count},`
    i += count
  }
  return text
}

/** What `bytesText` made a text of; undefined for any other. */
export function bytesOfText(text: string): Uint8Array | undefined {
  const found = /^([\w-]*)(?:@(\d+))?$/.exec(text)
  if (!found) return undefined
  const [, characters = '', length] = found
  const once = decoded(characters)
  const bytes = new Uint8Array(length === undefined ? once.length : Number(length))
  if (once.length === 0 && bytes.length > 0) return undefined
  for (let i = 0; i < bytes.length; i++) bytes[i] = once[i % once.length]!
  return bytes
}

/** What `scheduleText` made a text of. `refuse` is told of any other. */
export function scheduleOf(text: string, refuse: (text: string) => never): number[] {
  const schedule: number[] = []
  const answers = /(?:=(\d+),|([0-9a-z]))(?:@(\d+),)?/y
  while (answers.lastIndex < text.length) {
    const [, large, small = '', count = '1'] = answers.exec(text) ?? refuse(text)
    const answer = large === undefined ? Number.parseInt(small, 36) : Number(large)
    for (let i = 0; i < Number(count); i++) schedule.push(answer)
  }
  return schedule
}

function decoded(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  for (let i = 0, bits = 0, at = 0; i < text.length; i++) {
    bits = ((bits << 6) | BASE64URL.indexOf(text[i]!)) & 0xffff
    if (i % 4 > 0) bytes[at++] = bits >> ((3 - (i % 4)) * 2)
  }
  return bytes
}

/** Buffer is Node's; `btoa` takes strings of bytes. This takes neither. */
function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const characters = Math.min(bytes.length - i, 3) + 1
    for (let c = 0; c < characters; c++) text += BASE64URL[(group >> (18 - c * 6)) & 63]
  }
  return text
}

/** The shortest beginning that, repeated, is all of it. */
function periodOf(bytes: Uint8Array): number {
  for (let period = 1; period < bytes.length; period++) {
    if (bytes.subarray(period).every((byte, i) => byte === bytes[i])) return period
  }
  return bytes.length
}
