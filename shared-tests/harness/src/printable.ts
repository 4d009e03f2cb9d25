/**
 * Control characters, which a terminal obeys, and marks that turn the direction of text: what stands behind one is shown
 * where it does not stand (CVE-2021-42574).
 */
const UNSEEN = /[\p{Cc}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu

/** Text of a stranger's, fit for a terminal: what would not be seen is written as its number, `\u{1b}`. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
