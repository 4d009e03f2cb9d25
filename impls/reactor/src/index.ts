export { reactor } from './server.ts'
