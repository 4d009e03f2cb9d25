/** Something that a run shows. `case` is a case's id. */
export type Sign =
  | { readonly kind: 'passes'; readonly case: string }
  /** `says`: in the failure's message. `silent`: what it must not say. `cutOff`: this client met a FIN or a reset. */
  | {
      readonly kind: 'fails'
      readonly case: string
      readonly says?: RegExp
      readonly silent?: RegExp
      readonly cutOff?: string
    }
  /** Some case failed, of those of a clause if one is given, and said so. */
  | { readonly kind: 'some-fail'; readonly clause?: string; readonly says: RegExp; readonly silent?: RegExp }
  /** Something that the suite's own look beyond the cases has found (`Suite.examine`). */
  | { readonly kind: 'found'; readonly finding: string }

/** Failures that a cause accounts for, so that they need no other explanation. */
export type Explained =
  | { readonly kind: 'clauses'; readonly clauses: readonly string[]; readonly silent?: RegExp }
  | { readonly kind: 'saying'; readonly says: RegExp; readonly silent?: RegExp }

/** One fault that servers have, and how to recognise it from outside: data, so that it can be listed, tested and extended. */
export interface Cause {
  readonly id: string
  /** What the server does, as a sentence without a full stop. */
  readonly title: string
  /** How it comes about, and what it looks like to a client. */
  readonly looksLike: string
  readonly toDo: string
  readonly clause: string
  /** Any of these sets, all of whose signs a run shows. */
  readonly signs: readonly (readonly Sign[])[]
  readonly explains: readonly Explained[]
  /** Worth saying even where no case failed for it. */
  readonly suspicion?: true
}
