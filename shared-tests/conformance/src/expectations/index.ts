/** What a server is expected to fail, so that a build may pass until it is mended. */
export { expecting } from './apply.ts'
export type { ExpectedReport } from './apply.ts'
export { judgeAgainst, renderComplaint } from './judge.ts'
export type { Outcome } from './judge.ts'
export { MalformedExpectations, readExpectations } from './read.ts'
export type { Expectation, Expectations } from './read.ts'
