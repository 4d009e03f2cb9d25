import { conformance } from '@switchyard/shared-tests/vitest'
import { reactor } from '../src/server.ts'

conformance(reactor)
