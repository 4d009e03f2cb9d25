import { ROUTER } from '@switchyard/protocols/router/suite'
import { conformance } from '@switchyard/conformance/vitest'
import { reference } from './servers/reference.ts'

conformance(ROUTER, reference())
