import { parseSync } from 'oxc-parser'

/** One deletion: a statement, or the word `await`. */
export interface Site {
  readonly kind: 'statement' | 'await'
  /** From 1. */
  readonly line: number
  /** What is deleted: the statement's first line, or the awaited expression's. */
  readonly text: string
  /** The name of the function around it; of the innermost that has one. */
  readonly within: string
  readonly start: number
  readonly end: number
}

/** The part of a syntax tree that is looked at. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Statements whose deletion is no fault of the running server's: declarations of types, imports, whole functions. */
const KEPT = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'ClassDeclaration',
  'FunctionDeclaration',
  'BlockStatement',
  'EmptyStatement',
])

/** Every statement inside a function and every `await`, in the order of the text. Throws SyntaxError for a file that does not parse. */
export function sitesOf(file: string, source: string): Site[] {
  const { program, errors } = parseSync(file, source)
  if (errors[0]) throw new SyntaxError(`${file}: ${errors[0].message}`)
  const sites: Site[] = []
  const add = (kind: Site['kind'], within: string, start: number, end: number): void => {
    const line = source.slice(0, start).split('\n').length
    const text = source.slice(start, kind === 'await' ? undefined : end).split('\n', 1)[0] ?? ''
    sites.push({ kind, line, text: text.trim(), within, start, end })
  }
  const visit = (node: Node, within: string, inFunction: boolean): void => {
    const name = nameOf(node) ?? within
    const isFunction = /Function/.test(node.type)
    if (inFunction && isStatement(node)) add('statement', within, node.start, node.end)
    if (node.type === 'AwaitExpression') add('await', within, node.start, node.start + 'await'.length)
    for (const child of childrenOf(node)) {
      // `const each` in the head of a loop is a part of the loop's syntax.
      const isHead = node.type.startsWith('For') && (child === node['left'] || child === node['init'])
      if (!isHead) visit(child, name, inFunction || isFunction)
    }
  }
  visit(asNode(program) ?? { type: 'Program', start: 0, end: 0 }, 'the file', false)
  return sites.toSorted((a, b) => a.start - b.start || b.end - a.end)
}

/** The source without what a site names. A deleted statement leaves a semicolon where syntax needs a statement. */
export function withoutSite(source: string, { kind, start, end }: Site): string {
  return `${source.slice(0, start)}${kind === 'statement' ? ';' : ''}${source.slice(end)}`
}

function isStatement({ type }: Node): boolean {
  return (type.endsWith('Statement') || type === 'VariableDeclaration') && !KEPT.has(type)
}

function nameOf(node: Node): string | undefined {
  const id =
    asNode(node['id']) ??
    (node.type === 'MethodDefinition' || node.type === 'Property' ? asNode(node['key']) : undefined)
  const isNamed = /^(Function|Class|Method|Property)/.test(node.type)
  return isNamed && typeof id?.['name'] === 'string' ? id['name'] : undefined
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.flatMap((each) => asNode(each) ?? [])
  })
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value
}
