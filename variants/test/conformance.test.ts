import { conformance } from '@switchyard/shared-tests/vitest'
import { awaitPerMessage } from '../src/await-per-message.ts'
import { plain } from '../src/plain.ts'

conformance(plain)
conformance(awaitPerMessage)
