import { conformance } from '../src/vitest.ts'
import { reference } from './servers/reference.ts'

conformance(reference())
