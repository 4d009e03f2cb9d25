const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for an element or a quoted attribute, in HTML and in XML. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/**
 * The same for XML 1.0, which has no way at all to write most control characters (section 2.2), nor half of a surrogate
 * pair: U+FFFD stands for them. Line breaks in attributes would become spaces (section 3.3.3), so they are written as references.
 */
export function escapeXml(text: string): string {
  return escape(
    text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}'),
  ).replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}
