import { EqualMessages } from '@switchyard/harness'
import type { CrowdDialect } from '@switchyard/harness'
import { silent } from './silent.ts'

const CONNACK_BYTES = 4
const SUBACK_BYTES = 5
/** MQTT 3.1.1, a clean session, no keep-alive. */
const PROTOCOL = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0]

/** MQTT at quality of service 0: a publication goes to subscribers as it came. */
export const mqtt: CrowdDialect = {
  routes: true,
  greet: (number) => {
    const answer = after(CONNACK_BYTES)
    return {
      says: packet(0x10, Buffer.concat([Buffer.from(PROTOCOL), text(`c${number}`)])),
      hears: (bytes) => {
        const heard = answer(bytes)
        return heard && { ...heard, address: number }
      },
    }
  },
  crowd: (group) => {
    const topic = text(`g${group}`)
    const message = (messageBytes: number): Buffer =>
      packet(0x30, Buffer.concat([topic, Buffer.alloc(messageBytes, '~')]))
    return {
      join: () => ({
        says: packet(0x82, Buffer.concat([Buffer.from([0, 1]), topic, Buffer.from([0])])),
        hears: after(SUBACK_BYTES),
      }),
      message,
      incoming: (messageBytes) => silent(new EqualMessages(message(messageBytes))),
    }
  },
}

/** Hears an answer of so many bytes. */
function after(count: number): (bytes: Uint8Array) => { readonly rest: Uint8Array } | undefined {
  let missing = count
  return (bytes) => {
    const own = Math.min(missing, bytes.length)
    missing -= own
    return missing > 0 ? undefined : { rest: bytes.subarray(own) }
  }
}

function text(characters: string): Buffer {
  return Buffer.concat([Buffer.from([characters.length >> 8, characters.length & 0xff]), Buffer.from(characters)])
}

/** A remaining length has 7 bits a byte, the lowest first. */
function packet(type: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([type, ...length]), body])
}
