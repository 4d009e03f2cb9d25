export { mutex } from './server.ts'
