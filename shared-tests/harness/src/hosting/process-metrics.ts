import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { IntervalHistogram } from 'node:perf_hooks'
import type { ProcessMetrics } from './messages.ts'

/** The event loop is looked at so often; what is due later than that is its delay. */
const RESOLUTION_MS = 10

/** Samples this process. Watching begins with the first call, so a process that is never asked pays nothing. */
export class MetricsSampler {
  #delays: IntervalHistogram | undefined
  #collectingMs = 0

  /** What has been since the last question. */
  take(): ProcessMetrics {
    const delays = (this.#delays ??= this.#watch())
    const metrics: ProcessMetrics = {
      loopDelayMs: { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) },
      collectingMs: this.#collectingMs,
      rssBytes: process.memoryUsage.rss(),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    }
    delays.reset()
    this.#collectingMs = 0
    return metrics
  }

  #watch(): IntervalHistogram {
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#collectingMs += duration
    })
    observer.observe({ entryTypes: ['gc'] })
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    delays.enable()
    return delays
  }
}

/** The histogram counts the whole time between two looks, ns. */
function late(betweenLooksNs: number): number {
  return Math.max(0, betweenLooksNs / 1e6 - RESOLUTION_MS)
}
