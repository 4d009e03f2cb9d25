/** Draws frames on a canvas. It remembers where each message was drawn, so that messages glide from one frame to the next. */
import type { Frame, WaitView } from './frame.ts'
import { lettersOf } from './places.ts'
import type { Layout, Point, Size } from './places.ts'

export interface Palette {
  /** One for each client, by who sent. */
  readonly clients: readonly string[]
  readonly ink: string
  readonly faint: string
  readonly rail: string
  readonly server: string
  readonly ice: string
  readonly alarm: string
  readonly paper: string
}

export interface Look {
  readonly palette: Palette
  readonly bufferBytes: number
  readonly travelMs: number
  /** Time since the last drawing in which messages move, ms; infinite makes them jump. */
  readonly elapsedMs: number
}

const DOT = 3.6
/** The height of the clients' numbers beside a lane, which are left out where rows are closer than that. */
const NUMBER_PX = 9
const NODE = { lane: 5, ring: 13 } as const

export class Drawing {
  readonly #drawn = new Map<string, Point>()

  draw(context: CanvasRenderingContext2D, size: Size, layout: Layout, frame: Frame, look: Look): void {
    context.clearRect(0, 0, size.width, size.height)
    rails(context, layout, frame, look)
    server(context, size, layout, frame, look)
    if (layout.kind === 'ring')
      for (const wait of frame.waits) arrow(context, layout, wait, frame.deadlock, look.palette)
    this.#letters(context, layout, frame, look)
    nodes(context, layout, frame, look)
  }

  #letters(
    context: CanvasRenderingContext2D,
    layout: Layout,
    frame: Frame,
    { palette, travelMs, elapsedMs }: Look,
  ): void {
    const step = (layout.path * elapsedMs) / travelMs
    const targets = lettersOf(frame, layout)
    for (const key of this.#drawn.keys()) if (!targets.has(key)) this.#drawn.delete(key)
    for (const letter of frame.letters) {
      const target = targets.get(letter.key)
      if (!target) continue
      const from = this.#drawn.get(letter.key) ?? (letter.at === 'incoming' ? layout.sender(letter.from) : target)
      const point = toward(from, target, step)
      this.#drawn.set(letter.key, point)
      if (letter.at === 'read' && point === target) continue
      context.globalAlpha = letter.at === 'dropped' || letter.at === 'lost' ? 0.35 : 1
      disc(context, point, DOT, palette.clients[letter.from % palette.clients.length] ?? palette.ink)
    }
    context.globalAlpha = 1
  }
}

/** The two directions of each connection; where bytes pile up in a kernel, the rail is filled as far as the buffer is. */
function rails(
  context: CanvasRenderingContext2D,
  layout: Layout,
  frame: Frame,
  { palette, bufferBytes, travelMs }: Look,
): void {
  context.lineCap = 'round'
  for (const [client, view] of frame.clients.entries()) {
    const { everyMs, connected, incomingBytes, outgoingBytes } = view
    const [from, entry, exit, to] = [
      layout.sender(client),
      layout.entry(client),
      layout.exit(client),
      layout.reader(client),
    ]
    context.globalAlpha = connected ? 1 : 0.25
    line(context, from, entry, palette.rail, 1)
    line(context, exit, to, palette.rail, 1)
    if (!connected) continue
    if (waits(frame, 'incoming', client, travelMs))
      line(context, entry, between(entry, from, Math.min(1, incomingBytes / bufferBytes)), palette.faint, 5)
    const color = everyMs === 'never' || everyMs > 100 ? palette.ice : palette.faint
    if (waits(frame, 'outgoing', client, travelMs))
      line(context, to, between(to, exit, Math.min(1, outgoingBytes / bufferBytes)), color, 5)
  }
  context.globalAlpha = 1
}

/** Whether bytes have come to the end of a direction and are not taken: before that they are on their way. */
function waits({ at, letters }: Frame, direction: 'incoming' | 'outgoing', client: number, travelMs: number): boolean {
  return letters.some((letter) => {
    const end = direction === 'incoming' ? letter.from : letter.to
    return letter.at === direction && end === client && at - letter.since > travelMs * 1.3
  })
}

function server(
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  layout: Layout,
  frame: Frame,
  look: Look,
): void {
  const { palette } = look
  context.fillStyle = palette.server
  context.strokeStyle = frame.deadlock ? palette.alarm : palette.faint
  context.lineWidth = frame.deadlock ? 2.5 : 1
  context.beginPath()
  if (layout.kind === 'lane') {
    const left = layout.entry(0).x
    context.roundRect(left, 2, layout.exit(0).x - left, height - 4, 7)
  } else {
    const { x, y } = layout.entry(0)
    context.arc(width / 2, height / 2, Math.hypot(x - width / 2, y - height / 2), 0, 2 * Math.PI)
  }
  context.fill()
  context.stroke()
}

function nodes(context: CanvasRenderingContext2D, layout: Layout, frame: Frame, { palette }: Look): void {
  const radius = NODE[layout.kind]
  const roomy = Math.abs(layout.reader(1).y - layout.reader(0).y) >= NUMBER_PX
  const holders = new Set(
    frame.waits.flatMap(({ lock, holder }) => (lock && holder?.kind === 'client' ? [holder.client] : [])),
  )
  for (const [client, { connected, everyMs, unsent }] of frame.clients.entries()) {
    const color = palette.clients[client % palette.clients.length] ?? palette.ink
    const frozen = everyMs === 'never'
    context.globalAlpha = connected ? 1 : 0.3
    const reader = layout.reader(client)
    if (layout.kind === 'lane') {
      disc(context, layout.sender(client), radius, color)
      disc(context, reader, radius, frozen ? palette.ice : color)
      if (frozen) ring(context, reader, radius + 3, palette.ice)
      if (roomy) text(context, String(client), { x: reader.x + 15, y: reader.y }, palette.faint, 'center', NUMBER_PX)
      if (unsent > 0)
        text(context, `+${unsent}`, { x: layout.sender(client).x - 9, y: reader.y }, palette.faint, 'right', 10)
    } else {
      disc(context, reader, radius, frozen ? palette.ice : color)
      text(context, String(client), reader, palette.paper, 'center', 13)
      if (frozen) ring(context, reader, radius + 4, palette.ice)
      if (holders.has(client)) ring(context, reader, radius + 7, palette.ink)
    }
  }
  context.globalAlpha = 1
}

/** From who waits to whoever it waits for. */
function arrow(
  context: CanvasRenderingContext2D,
  layout: Layout,
  { who, holder }: WaitView,
  deadlock: boolean,
  palette: Palette,
): void {
  if (!holder) return
  const from = layout.party(who)
  const to = layout.party(holder)
  const bend: Point = {
    x: (from.x + to.x) / 2 + (to.y - from.y) * 0.22,
    y: (from.y + to.y) / 2 - (to.x - from.x) * 0.22,
  }
  const end = toward(to, bend, NODE.ring + 6)
  const start = toward(from, bend, who.kind === 'client' ? NODE.ring + 4 : 4)
  context.strokeStyle = deadlock ? palette.alarm : palette.ink
  context.fillStyle = context.strokeStyle
  context.lineWidth = deadlock ? 2 : 1.2
  context.globalAlpha = deadlock ? 1 : 0.7
  context.setLineDash([4, 4])
  context.beginPath()
  context.moveTo(start.x, start.y)
  context.quadraticCurveTo(bend.x, bend.y, end.x, end.y)
  context.stroke()
  context.setLineDash([])
  const angle = Math.atan2(end.y - bend.y, end.x - bend.x)
  context.beginPath()
  context.moveTo(end.x + Math.cos(angle) * 5, end.y + Math.sin(angle) * 5)
  context.lineTo(end.x + Math.cos(angle + 2.4) * 6, end.y + Math.sin(angle + 2.4) * 6)
  context.lineTo(end.x + Math.cos(angle - 2.4) * 6, end.y + Math.sin(angle - 2.4) * 6)
  context.fill()
  context.globalAlpha = 1
}

function toward(from: Point, to: Point, step: number): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  return distance <= step ? to : between(from, to, step / distance)
}

function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

function line(context: CanvasRenderingContext2D, from: Point, to: Point, color: string, width: number): void {
  context.strokeStyle = color
  context.lineWidth = width
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  context.stroke()
}

function disc(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, color: string): void {
  context.fillStyle = color
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fill()
}

function ring(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, color: string): void {
  context.strokeStyle = color
  context.lineWidth = 1.5
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.stroke()
}

function text(
  context: CanvasRenderingContext2D,
  words: string,
  { x, y }: Point,
  color: string,
  align: CanvasTextAlign,
  px: number,
): void {
  context.fillStyle = color
  context.font = `600 ${px}px ui-sans-serif, system-ui, sans-serif`
  context.textAlign = align
  context.textBaseline = 'middle'
  context.fillText(words, x, y + 0.5)
}
