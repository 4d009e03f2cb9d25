/** A text of one line that looks alike. */
export interface Token {
  readonly kind: 'comment' | 'string' | 'keyword' | 'name' | 'plain'
  readonly text: string
}

const PARTS =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<string>'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<keyword>\b(?:async|await|break|case|class|const|continue|default|else|export|finally|for|from|function|if|import|interface|let|new|of|private|readonly|return|static|switch|throw|try|type|undefined|using|void|while|true|false|this)\b)|(?<name>\b[A-Z]\w*)/g

/** The lines of a TypeScript file, each in parts: all of them together are the file. Enough for files like ours. */
export function linesOf(source: string): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]]
  const add = (kind: Token['kind'], text: string): void => {
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) lines.push([])
      if (line !== '') lines.at(-1)!.push({ kind, text: line })
    }
  }
  let end = 0
  for (const match of source.matchAll(PARTS)) {
    add('plain', source.slice(end, match.index))
    add(kindOf(match.groups ?? {}), match[0])
    end = match.index + match[0].length
  }
  add('plain', source.slice(end))
  return lines
}

function kindOf({ comment, string, keyword }: Readonly<Record<string, string | undefined>>): Token['kind'] {
  if (comment !== undefined) return 'comment'
  if (string !== undefined) return 'string'
  return keyword === undefined ? 'name' : 'keyword'
}
