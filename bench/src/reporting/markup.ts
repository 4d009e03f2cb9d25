/** HTML as text. What is not markup is escaped by whoever puts it into markup: here, and nowhere else. */

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export function paragraph(text: string, className = ''): string {
  return `<p${className === '' ? '' : ` class="${className}"`}>${escapeHtml(text)}</p>`
}

/** The interval behind a figure stands back. */
function withSmallInterval(cell: string): string {
  return cell.replace(/ (\[.*\])$/, ' <small>$1</small>')
}

/** Cells are text; those that are figures stand to the right. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  words: readonly number[] = [0],
): string {
  const cell = (tag: string, text: string, column: number): string =>
    `<${tag}${words.includes(column) ? '' : ' class="figure"'}>${withSmallInterval(escapeHtml(text))}</${tag}>`
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((text, column) => cell(tag, text, column)).join('')}</tr>`
  return [
    '<div class="wide"><table>',
    `<thead>${line('th', head)}</thead>`,
    `<tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n')
}
