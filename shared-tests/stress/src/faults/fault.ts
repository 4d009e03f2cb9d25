/** A link's two streams: `up` carries what the client sends, `down` what is sent to it. */
export type Way = 'up' | 'down'

/**
 * What a proxy does to one link. Times count from the moment when everybody is connected, bytes from the beginning of the
 * stream. Healing lifts slices, latency, bandwidth, stalls and hangs; what has ended stays so, and closing stays slow.
 */
export type Fault =
  /** Passes pieces of 1 to so many bytes. */
  | { readonly kind: 'slice'; readonly way: Way; readonly bytesMax: number }
  /** Passes each byte so much later, in order. */
  | { readonly kind: 'latency'; readonly way: Way; readonly ms: number }
  | { readonly kind: 'bandwidth'; readonly way: Way; readonly bytesPerMs: number }
  /** Reads nothing for a time: whoever writes meets a full kernel. */
  | { readonly kind: 'stall'; readonly way: Way; readonly fromMs: number; readonly untilMs: number }
  /** Passes so many bytes, and then no more. */
  | { readonly kind: 'hang'; readonly way: Way; readonly afterBytes: number }
  /** Passes so many bytes, wherever in a message they end, and then resets both connections. */
  | { readonly kind: 'reset'; readonly way: Way; readonly afterBytes: number }
  /** Passes so many bytes up and then FIN; the other stream goes on. */
  | { readonly kind: 'half-close'; readonly way: 'up'; readonly afterBytes: number }
  /** Passes every FIN so much later. */
  | { readonly kind: 'slow-close'; readonly ms: number }

export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'slice':
      return `${fault.way}: slices of 1 to ${fault.bytesMax} bytes`
    case 'latency':
      return `${fault.way}: latency of ${fault.ms} ms`
    case 'bandwidth':
      return `${fault.way}: bandwidth of ${fault.bytesPerMs} bytes a millisecond`
    case 'stall':
      return `${fault.way}: nothing is read from ${fault.fromMs} to ${fault.untilMs} ms`
    case 'hang':
      return `${fault.way}: hangs after ${fault.afterBytes} bytes`
    case 'reset':
      return `${fault.way}: reset after ${fault.afterBytes} bytes`
    case 'half-close':
      return `${fault.way}: FIN after ${fault.afterBytes} bytes, the other way goes on`
    case 'slow-close':
      return `each FIN passes ${fault.ms} ms late`
  }
}

/** Whether this fault ends the connection by itself. */
export function ends({ kind }: Fault): boolean {
  return kind === 'reset' || kind === 'half-close'
}

/** Whether this fault can make the server wait with what it writes to the client. */
export function delaysDown(fault: Fault): boolean {
  switch (fault.kind) {
    case 'latency':
    case 'bandwidth':
    case 'stall':
    case 'hang':
    case 'slice':
      return fault.way === 'down'
    case 'reset':
    case 'half-close':
    case 'slow-close':
      return false
  }
}
