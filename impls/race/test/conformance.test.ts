import { conformance } from '@switchyard/shared-tests/vitest'
import { race } from '../src/server.ts'

conformance(race)
