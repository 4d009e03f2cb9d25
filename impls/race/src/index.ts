export { race } from './server.ts'
