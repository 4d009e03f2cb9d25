import { readFileSync } from 'node:fs'

/** Lines that are neither blank nor only comment, of a file of the repository; null outside of one. */
export function codeLinesOf(file: string): number | null {
  let text: string
  try {
    text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
  } catch {
    return null // An installed package comes without its neighbours' sources.
  }
  return countCodeLines(text)
}

export function countCodeLines(text: string): number {
  let inComment = false
  let count = 0
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (inComment) inComment = !line.endsWith('*/')
    else if (line.startsWith('/*')) inComment = !line.endsWith('*/')
    else if (line !== '' && !line.startsWith('//')) count++
  }
  return count
}
