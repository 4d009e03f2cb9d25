export { awaitPerMessage } from './await-per-message.ts'
export { plain } from './plain.ts'
