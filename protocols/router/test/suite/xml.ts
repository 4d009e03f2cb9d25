/** An element, as a test looks at it. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

const NAME = String.raw`[A-Za-z_][\w.-]*`
const TAG = new RegExp(String.raw`<(/?)(${NAME})((?:\s+${NAME}="[^"<]*")*)\s*(/?)>`, 'y')
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

/** As much of a strict XML 1.0 parser as the reports need. Throws for whatever is not well-formed. */
export function parseXml(text: string): Element {
  if (FORBIDDEN.test(text)) throw new Error('a character that XML does not allow')
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '')
  const root: Open = { name: '', attributes: {}, children: [], text: '' }
  const open: Open[] = [root]
  let at = 0
  while (at < body.length) {
    const parent = open.at(-1) ?? root
    const next = body.indexOf('<', at)
    parent.text += unescape(body.slice(at, next < 0 ? body.length : next))
    if (next < 0) break
    TAG.lastIndex = next
    const [tag, closing, name = '', attributes = '', empty] = TAG.exec(body) ?? []
    if (tag === undefined) throw new Error(`no tag: ${body.slice(next, next + 60)}`)
    at = next + tag.length
    if (closing === '/') {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`)
      open.pop()
      continue
    }
    const element: Open = { name, attributes: attributesOf(attributes), children: [], text: '' }
    parent.children.push(element)
    if (empty !== '/') open.push(element)
  }
  const [first] = root.children
  if (open.length > 1 || !first || root.children.length > 1 || root.text.trim() !== '')
    throw new Error('it must be one element, and closed')
  return first
}

/** Of this name, at any depth. */
export function all(element: Element, name: string): Element[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))]
}

interface Open {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly children: Element[]
  text: string
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(/\s+([^=\s]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`${name} stands twice`)
    attributes[name] = unescape(value)
  }
  return attributes
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescape(text: string): string {
  return text.replaceAll(/&([^;]{0,10});?/g, (whole, name: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1]
    const character = code === undefined ? ENTITIES[name] : String.fromCodePoint(Number(code))
    if (character === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`)
    return character
  })
}
