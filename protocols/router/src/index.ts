export { ClientDecoder, encodeMessage } from './codec.ts'
export { Router } from './router.ts'
export type { MessageLimits } from './wire.ts'
