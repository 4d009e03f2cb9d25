import { babelParse } from 'vue/compiler-sfc'

/** A function, method, type or class of a file, with the comment above it. */
export interface Excerpt {
  /** As in the file, but for the indentation that all lines share. */
  readonly text: string
  /** Its first and its last line in the file, from 1. */
  readonly first: number
  readonly last: number
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly leadingComments?: readonly { readonly start: number }[]
  readonly [key: string]: unknown
}

/**
 * `name` as it stands in `source`: `step`, or `Router.received` for one of several; `*` is the whole file, `header` the
 * comment at its beginning. Throws RangeError if there is no such part, or more than one.
 */
export function excerpt(source: string, name: string): Excerpt {
  if (name === '*') return part(source, 0, source.trimEnd().length)
  if (name === 'header') return part(source, 0, source.indexOf('*/') + 2)
  const [outer, inner = ''] = name.includes('.') ? name.split('.') : ['', name]
  const found: Node[] = []
  const visit = (node: Node, within: string): void => {
    const own = nameOf(node)
    if (own === inner && (outer === '' || outer === within)) found.push(node)
    for (const child of childrenOf(node)) visit(child, own ?? within)
  }
  const { program } = babelParse(source, {
    sourceType: 'module',
    plugins: ['typescript', 'explicitResourceManagement'],
    attachComment: true,
  })
  if (isNode(program)) visit(program, '')
  const [node] = found
  if (!node || found.length > 1) throw new RangeError(`${found.length} parts are called "${name}": it must be one`)
  const outermost = exportAround(source, node)
  return part(source, outermost, endOfLine(source, node.end))
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at)
  return end < 0 ? source.length : end
}

/** From the comment above it, and from `export` if that stands before it. */
function exportAround(source: string, { start, leadingComments }: Node): number {
  const comment = leadingComments?.at(-1)?.start
  const lineStart = source.lastIndexOf('\n', start) + 1
  const from =
    source.slice(lineStart, start).trim() === '' || source.slice(lineStart, start) === 'export ' ? lineStart : start
  if (comment !== undefined) return Math.min(comment, from)
  // Of an exported declaration the comment belongs to `export`.
  const before = source.slice(0, lineStart).trimEnd()
  return before.endsWith('*/') ? before.lastIndexOf('/**') : from
}

function part(source: string, from: number, end: number): Excerpt {
  const start = source.lastIndexOf('\n', from) + 1
  const lines = source.slice(start, end).split('\n')
  const indentation = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  const first = source.slice(0, start).split('\n').length
  return {
    text: lines.map((line) => line.slice(indentation)).join('\n'),
    first,
    last: first + lines.length - 1,
  }
}

const NAMED =
  /^(FunctionDeclaration|ClassDeclaration|ClassMethod|ClassPrivateMethod|ObjectMethod|TSInterfaceDeclaration|TSTypeAliasDeclaration|VariableDeclaration)$/

function nameOf(node: Node): string | undefined {
  if (!NAMED.test(node.type)) return undefined
  const declarations: unknown = node['declarations']
  const first: unknown = Array.isArray(declarations) ? declarations[0] : node
  if (!isRecord(first)) return undefined
  return identifier(first['id']) ?? identifier(first['key'])
}

function identifier(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined
  const { name, id } = value
  if (typeof name === 'string') return name
  return isRecord(id) && typeof id['name'] === 'string' ? `#${id['name']}` : undefined
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.filter(isNode)
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && 'type' in value && 'start' in value && 'loc' in value && 'end' in value
}
