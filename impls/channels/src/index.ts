export { channels } from './server.ts'
