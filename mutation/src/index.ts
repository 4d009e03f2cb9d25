export { ask } from './ask.ts'
export type { Answer, Question } from './messages.ts'
export { sitesOf, withoutSite } from './sites.ts'
export type { Site } from './sites.ts'
