/** What pages are made of, as far as it has colours of its own. */
import { read } from '../support.ts'

/** Each finds, in a page's Markdown, things of one sort; two are the same kind if what it finds is. */
const KINDS: readonly RegExp[] = [
  /^(?:layout|pageClass): \S+/gm,
  /<[A-Z]\w+/g, // A component,
  /(?<=<[A-Z][^>]*\s)[\w-]+(?==")/g, // and what it is told, which it may show in another way.
  /^::: ?\w+|^> ?\[!\w+\]|^>(?! ?\[!)|^\|(?=-)|^ *```\w+|^ {4}(?=\S)|^#+ |^[-*] |^\d+\. |<\w+ class="[^"]*"/gm,
]

/** Of pages, named from `docs/`: those that have a thing of a kind that no page before them has. */
export function firstOfEachKind(pages: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return pages.filter((page) => {
    const before = seen.size
    for (const kind of KINDS) for (const [thing] of read(`docs/${page}`).matchAll(kind)) seen.add(thing)
    return seen.size > before
  })
}
