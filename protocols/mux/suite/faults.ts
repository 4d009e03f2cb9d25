/** Multiplexers with one planted fault each, caught by the case that it names. Several are what other implementations do. */
import { plantedFault } from '@switchyard/conformance/portable'
import type { PlantedFault } from '@switchyard/conformance/portable'

export const FAULTS: readonly PlantedFault[] = [
  // Frames -------------------------------------------------------------------------------------------------------------
  plantedFault(
    'header-is-dropped',
    'the part of a header that ends a chunk is dropped',
    'M1.2-split-anywhere',
    'trunk.ts',
    [
      'if (this.#headerBytes < HEADER_BYTES) return count',
      'if (this.#headerBytes < HEADER_BYTES) return (this.#headerBytes = 0) + count',
    ],
  ),
  plantedFault('versions-not-checked', 'every version is taken for 0', 'M1.3-unknown-version', 'trunk.ts', [
    'if (version !== 0)',
    'if (version > 255)',
  ]),
  plantedFault('unknown-types-skipped', 'a frame of unknown type is skipped', 'M1.3-unknown-type', 'trunk.ts', [
    'return this.#breaks(out, `a frame of type ${type}: the types are 0 to 3`)',
    'return',
  ]),
  plantedFault(
    'ends-without-a-word',
    'whoever breaks the rules is closed, and not told why',
    'M1.3-unknown-type',
    'trunk.ts',
    ['out.give(this.client, frame(GO_AWAY, 0, 0, PROTOCOL_ERROR))', ''],
  ),
  // Streams ------------------------------------------------------------------------------------------------------------
  plantedFault('opened-without-ack', 'a stream is not acknowledged', 'M2.1-syn-is-acknowledged', 'trunk.ts', [
    'frame(WINDOW_UPDATE, ACK, stream.id, 0)',
    'frame(WINDOW_UPDATE, 0, stream.id, 0)',
  ]),
  plantedFault('opened-twice', 'SYN for an open stream opens another one', 'M2.3-open-twice', 'trunk.ts', [
    'if (this.#streams.has(id)) {',
    'if (id < 0) {',
  ]),
  plantedFault('either-parity', 'ids of either parity are accepted', 'M2.3-even-id', 'trunk.ts', [
    'if ((id % 2 === 1) !== this.#peerIsOdd) {',
    'if (id < 0) {',
  ]),
  plantedFault('stream-zero-is-closed', 'data for stream 0 is discarded', 'M2.3-stream-zero', 'trunk.ts', [
    "if (id === 0) return this.#breaks(out, 'data or credit for stream 0, which is the connection itself')\n",
    '',
  ]),
  plantedFault('streams-without-end', 'streams have no bound', 'M2.4-too-many-streams', 'mux.ts', [
    'if (trunk.streamCount >= this.#options.streamsMax) return undefined',
    '',
  ]),
  // Windows ------------------------------------------------------------------------------------------------------------
  plantedFault('sends-beyond-the-window', 'a window is not used up by sending', 'M3.1-waits-for-credit', 'stream.ts', [
    '    this.sendWindow -= count\n',
    '',
  ]),
  plantedFault('header-counts', 'a window of 12 bytes or less is not used', 'M3.1-waits-for-credit', 'stream.ts', [
    'this.#pendingBytes > 0 ? this.sendWindow > 0',
    'this.#pendingBytes > 0 ? this.sendWindow > 12',
  ]),
  plantedFault('no-credit', 'what was taken is not granted anew', 'M3.2-credit-comes', 'trunk.ts', [
    'if (credit < this.#sizes.windowBytes / 2 || stream.finReceived) return',
    'if (credit >= 0) return',
  ]),
  plantedFault('window-not-checked', 'data beyond the window is taken', 'M3.3-beyond-the-window', 'trunk.ts', [
    'if (stream && (stream.finReceived || length > stream.receiveWindow)) {',
    'if (stream?.finReceived) {',
  ]),
  // Ends of streams ----------------------------------------------------------------------------------------------------
  plantedFault(
    'fin-before-its-data',
    'a frame is ended by its FIN before its data is read',
    'M4.1-fin-behind-data',
    'trunk.ts',
    [
      'this.#current = { stream, flags, rest: length }\n',
      'if (flags & FIN && length > 0) this.#flags(stream, flags, out)\n      this.#current = { stream: flags & FIN ? undefined : stream, flags: 0, rest: length }\n',
    ],
  ),
  plantedFault('resets-ignored', 'a reset does nothing', 'M4.2-reset', 'trunk.ts', [
    'if (flags & RST) return this.#forget(stream, out, true)',
    'if (flags & RST) return',
  ]),
  plantedFault('ids-used-up', 'a stream is never forgotten', 'M4.3-ids-are-free', 'trunk.ts', [
    '    if (stream.over) this.#forget(stream, out, false)\n    else this.ready(stream)',
    '    if (!stream.over) this.ready(stream)',
  ]),
  // The connection -----------------------------------------------------------------------------------------------------
  plantedFault(
    'pings-answered-by-zero',
    "the answer to a ping has not the ping's number",
    'M5.1-pings-in-order',
    'trunk.ts',
    [
      'if (flags & SYN) out.give(this.client, frame(PING, ACK, 0, length))',
      'if (flags & SYN) out.give(this.client, frame(PING, ACK, 0, 0))',
    ],
  ),
  plantedFault('never-gives-up', 'a peer that does not answer is kept', 'M5.2-answers-keep-it', 'mux.ts', [
    "out.abort(trunk.client, 'protocol-abort', `no answer to a ping for ${answerMs} ms`)",
    'this.#pingAt(trunk, out.now + answerMs, out)',
  ]),
  plantedFault('no-farewell', 'a shutdown sends no go-away', 'M5.3-farewell', 'mux.ts', [
    'trunk.goAway(NORMAL, out)',
    '',
  ]),
]
