import { conformance } from '@switchyard/shared-tests/vitest'
import { channelPerWriter } from '../src/server.ts'

conformance(channelPerWriter)
