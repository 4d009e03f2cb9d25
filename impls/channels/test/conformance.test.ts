import { conformance } from '@switchyard/shared-tests/vitest'
import { channels } from '../src/server.ts'

conformance(channels)
