import { conformance } from '@switchyard/shared-tests/vitest'
import { mutex } from '../src/server.ts'

conformance(mutex)
