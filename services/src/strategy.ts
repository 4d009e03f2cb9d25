/** Which children are restarted with one that is. */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one'

/** When a child is restarted: always, if it failed, never. */
export type Restart = 'permanent' | 'transient' | 'temporary'

export interface Policy {
  /** `one-for-one`: the child that ended; `one-for-all`: all; `rest-for-one`: it and those that were started after it. */
  readonly strategy: Strategy
  /** At most so many restarts within `periodMs`; one more, and the supervisor gives up. */
  readonly intensity: number
  /** How long a restart counts, ms. */
  readonly periodMs: number
}

/** What of a child counts here. */
export interface Rule {
  readonly name: string
  readonly restart: Restart
}

export type Decision =
  /** The child has ended, and that is that. */
  | { readonly kind: 'forget' }
  | {
      readonly kind: 'restart'
      /** Children to stop, in this order: the others that the strategy names, last started first. */
      readonly stop: readonly string[]
      /** Children to start, in this order. Those that are in `stop` only are forgotten. */
      readonly start: readonly string[]
      /** Times of restarts, for the next question. */
      readonly restarts: readonly number[]
    }
  | { readonly kind: 'give-up' }

/**
 * What a supervisor does about a child that ended; OTP's rules. `children` are all that it has, in the order of their
 * start; one that is not running any more is restarted with the others. `restarts` are the times of restarts so far, and
 * `now` is the time of this one, ms.
 */
export function ended(
  policy: Policy,
  restarts: readonly number[],
  name: string,
  failed: boolean,
  children: readonly Rule[],
  now: number,
): Decision {
  const at = children.findIndex((child) => child.name === name)
  const child = children[at]
  if (!child || !isRestarted(child.restart, failed)) return { kind: 'forget' }
  const recent = [...restarts.filter((time) => now - time <= policy.periodMs), now]
  if (recent.length > policy.intensity) return { kind: 'give-up' }
  const affected = affectedBy(policy.strategy, children, at)
  return {
    kind: 'restart',
    stop: affected
      .filter((other) => other !== child)
      .map(nameOf)
      .toReversed(),
    start: affected.filter(({ restart }) => restart !== 'temporary').map(nameOf),
    restarts: recent,
  }
}

function isRestarted(restart: Restart, failed: boolean): boolean {
  return restart === 'permanent' || (restart === 'transient' && failed)
}

function affectedBy(strategy: Strategy, children: readonly Rule[], at: number): readonly Rule[] {
  switch (strategy) {
    case 'one-for-one':
      return children.slice(at, at + 1)
    case 'one-for-all':
      return children
    case 'rest-for-one':
      return children.slice(at)
  }
}

function nameOf({ name }: Rule): string {
  return name
}
