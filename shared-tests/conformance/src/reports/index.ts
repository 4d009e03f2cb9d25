/** A report as people read it, as a page, as JSON, and for build servers (JUnit). */
export type { Colours } from './colours.ts'
export { renderHtml } from './html.ts'
export { renderJson } from './json.ts'
export { renderJunit } from './junit.ts'
export { renderReport } from './text.ts'
export { countBySection } from './verdicts.ts'
