/** Reports are an entry of their own: what draws charts is nothing that a server's process should load. */
export { renderDiff } from './changes.ts'
export { renderPage } from './page.ts'
export { renderGlance, renderMarkdown, renderResultsPage, renderSummary } from './summary.ts'
