import { defineConfig } from 'vitest/config'
import everywhere from '../vitest.config.ts'

/** Its tests mostly wait for processes that they have started: two files at a time, also on two cores. */
export default defineConfig({ ...everywhere, test: { ...everywhere.test, maxWorkers: 2 } })
