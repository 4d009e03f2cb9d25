import type { Finding } from './finding.ts'
import type { Open } from './scene.ts'
import type { Subject } from './subject.ts'

/** What a server must survive, whatever it declares. */
export interface Trial {
  readonly name: 'storm' | 'churn' | 'write-deadline'
  /** Rejects with Broken or Unable, or with the reason of an abort. */
  run(open: Open, subject: Subject): Promise<Finding>
}
