import { babelParse } from 'vue/compiler-sfc'

/** One property of an interface, as its source says it. */
export interface Member {
  readonly name: string
  readonly type: string
  /** The comment above it, in one line; empty if there is none. */
  readonly comment: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** The properties of one interface, in their order. Throws RangeError if there is no such interface. */
export function membersOf(source: string, name: string): readonly Member[] {
  const { program } = babelParse(source, { sourceType: 'module', plugins: ['typescript'], attachComment: true })
  const found = find(program, (node) => node.type === 'TSInterfaceDeclaration' && nameOf(node['id']) === name)
  const body = found && isNode(found['body']) ? found['body']['body'] : undefined
  if (!Array.isArray(body)) throw new RangeError(`there is no interface ${name}`)
  return body.filter(isNode).map((member) => ({
    name: nameOf(member['key']) ?? '',
    type: typeText(source, member['typeAnnotation']),
    comment: commentOf(source, member),
  }))
}

function typeText(source: string, annotation: unknown): string {
  const inner = isNode(annotation) ? annotation['typeAnnotation'] : undefined
  return isNode(inner) ? source.slice(inner.start, inner.end) : ''
}

function commentOf(source: string, member: Node): string {
  const comments: unknown = member['leadingComments']
  const last: unknown = Array.isArray(comments) ? comments.at(-1) : undefined
  return isNode(last) ? plainComment(source.slice(last.start, last.end)) : ''
}

/** A comment's words, in one line. */
export function plainComment(comment: string): string {
  return comment
    .replaceAll(/^\/\*\*?|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim()
}

function find(node: unknown, matches: (node: Node) => boolean): Node | undefined {
  if (!isNode(node)) return undefined
  if (matches(node)) return node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      const found = find(child, matches)
      if (found) return found
    }
  }
  return undefined
}

function nameOf(value: unknown): string | undefined {
  return isNode(value) && typeof value['name'] === 'string' ? value['name'] : undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value
}
