export { channelPerWriter } from './server.ts'
