import { mergeConfig } from 'vitest/config'
import node from './vitest.config.ts'

const config = mergeConfig(node, {})

/** Needs Chromium. Builds the site, so it takes minutes: `npm run test:browser`. */
export default { ...config, test: { ...config.test, include: ['test/browser/*.test.ts'] } }
