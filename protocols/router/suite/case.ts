import type { Case as AnyCase, CaseContext as AnyContext } from '@switchyard/conformance/portable'
import type { ClauseId } from './clauses.ts'
import type { Client } from './client/client.ts'

export interface Case extends AnyCase<Client> {
  readonly clause: ClauseId
}

export type CaseContext = AnyContext<Client>
