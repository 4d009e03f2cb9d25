/**
 * Lines that light up: each server file is compiled with a call before every statement, which says that its line runs. The
 * call is put on the statement's own line, so that lines keep their numbers, and it pushes a number: what the server does,
 * and in which order, does not change (`test/marked.test.ts` compares the logs).
 */
import { babelParse, MagicString } from 'vue/compiler-sfc'

/** Files that are marked, from the repository's root. */
export const MARKED: RegExp = /(?:^|\/)((?:impls\/[\w-]+|variants|shared-tests\/mutants)\/src\/[\w/-]+\.ts)$/

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly loc: { readonly start: { readonly line: number } }
  readonly [key: string]: unknown
}

/** Declarations that run nothing, and blocks, whose statements have calls of their own. */
const UNMARKED = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportDefaultDeclaration',
  'ExportAllDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'ClassDeclaration',
  'FunctionDeclaration',
  'BlockStatement',
  'EmptyStatement',
])

/** `source` with its calls; `collector` is the module whose `marker` they go to. */
export function marked(file: string, source: string, collector: string): string {
  const text = new MagicString(source)
  const visit = (node: Node): void => {
    for (const [key, child] of childrenOf(node)) {
      if (isStatement(child) && insideFunction(node, key)) mark(text, child, key !== 'body' || !isBlock(node))
      if (isExpressionBody(node, key, child)) markExpression(text, child)
      visit(child)
    }
  }
  const program = babelParse(source, {
    sourceType: 'module',
    plugins: ['typescript', 'explicitResourceManagement'],
  }).program
  if (isNode(program)) visit(program)
  text.prepend(`import { marker as marker__ } from '${collector}';const at__ = marker__('${file}');`)
  return text.toString()
}

function mark(text: MagicString, { start, end, loc }: Node, alone: boolean): void {
  text.prependLeft(start, alone ? `{at__(${loc.start.line});` : `at__(${loc.start.line});`)
  if (alone) text.appendRight(end, '}')
}

/** `() => expression`: there is no statement to stand before. */
function markExpression(text: MagicString, { start, end, loc }: Node): void {
  text.prependLeft(start, `(at__(${loc.start.line}),(`)
  text.appendRight(end, '))')
}

function isExpressionBody(parent: Node, key: string, { type }: Node): boolean {
  return parent.type === 'ArrowFunctionExpression' && key === 'body' && type !== 'BlockStatement'
}

/** At the top of a file, statements run once, before there is a server. */
function insideFunction(parent: Node, key: string): boolean {
  return (
    parent.type !== 'Program' &&
    !(parent.type === 'ExportNamedDeclaration' && key === 'declaration') &&
    !isHead(parent, key)
  )
}

/** `const each` in the head of a loop is a part of the loop's syntax. */
function isHead(parent: Node, key: string): boolean {
  return parent.type.startsWith('For') && (key === 'left' || key === 'init')
}

/** Where statements stand in a row, a call stands before one; elsewhere both need braces. */
function isBlock({ type }: Node): boolean {
  return type === 'BlockStatement' || type === 'SwitchCase' || type === 'StaticBlock'
}

function isStatement({ type }: Node): boolean {
  return (type.endsWith('Statement') || type === 'VariableDeclaration') && !UNMARKED.has(type)
}

function childrenOf(node: Node): [key: string, child: Node][] {
  return Object.entries(node).flatMap(([key, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.flatMap((each): [string, Node][] => (isNode(each) ? [[key, each]] : []))
  })
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'loc' in value
}
