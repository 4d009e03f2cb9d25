import type { WireEvent } from '../session/wire-log.ts'
import { escape } from './escape.ts'
import { bytesOf, describeMark, grouped, hexOf, Readers, textOf } from './wire.ts'
import type { Reader } from './wire.ts'

const ROW_BYTES = 16

/**
 * A wire log as a table: ids and NULs stand out. The first and the last rows where there are more than `rowsMax`: how it
 * began, and how it ended.
 */
export function renderWireTable(events: readonly WireEvent[], rowsMax: number): string {
  const readers = new Readers()
  const rows = events.flatMap((event) => renderEvent(event, readers))
  const first = Math.ceil(rowsMax / 2)
  const between = rows.length - rowsMax
  const shown =
    between > 0
      ? [
          ...rows.slice(0, first),
          `<tr class="gap"><td></td><td colspan="4">${grouped(between)} rows are not shown</td></tr>`,
          ...rows.slice(first + between),
        ]
      : rows
  return `<div class="scroll"><table class="wire"><caption>On the wire: <span class="id">ids</span>, bodies and <span class="nul">NULs</span>; of long streams the beginning and the end</caption>
<thead><tr><th scope="col">ms</th><th scope="col">client</th><th scope="col"></th><th scope="col">bytes</th><th scope="col">as text</th></tr></thead>
<tbody>
${shown.join('\n')}
</tbody></table></div>`
}

function renderEvent(event: WireEvent, readers: Readers): string[] {
  const client = escape(event.client)
  const time = `<td class="time">${event.atMs.toFixed(1)}</td>`
  if (event.kind === 'sent' || event.kind === 'received') {
    return renderBytes(event, `${time}<td>${client}</td>`, readers.of(event.client, event.kind))
  }
  if (event.kind === 'left-out') {
    readers.of(event.client, event.direction).skip()
    const text = `<td colspan="2">${grouped(event.bytes)} bytes were not kept</td>`
    return [`<tr class="gap">${time}<td>${client}</td><td>${arrowOf(event.direction)}</td>${text}</tr>`]
  }
  return [`<tr class="mark">${time}<td>${client}</td><td></td><td colspan="2">${describeMark(event)}</td></tr>`]
}

function renderBytes(event: WireEvent & { kind: 'sent' | 'received' }, head: string, reader: Reader): string[] {
  const bytes = bytesOf(event.hex)
  const rows: string[] = []
  for (let start = 0; start < bytes.length; start += ROW_BYTES) {
    const row = bytes.subarray(start, start + ROW_BYTES)
    const spans = reader.read(row).map(({ part, bytes: run }) => `<span class="${part}">${hexOf(run)}</span>`)
    const cells = `<td class="bytes">${spans.join(' ')}</td><td class="bytes">${escape(textOf(row))}</td>`
    const first = `${head}<td>${arrowOf(event.kind)}</td>`
    rows.push(`<tr class="${event.kind}">${start === 0 ? first : '<td></td><td></td><td></td>'}${cells}</tr>`)
  }
  return rows
}

function arrowOf(direction: 'sent' | 'received'): string {
  return direction === 'sent' ? 'sends →' : '← receives'
}
