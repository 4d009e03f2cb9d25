import type { Restart, Strategy } from '../src/index.ts'

/** What happens to a tree, and what must have become of it. */
export interface Row {
  readonly id: string
  readonly group: 'strategies and restart types' | 'siblings' | 'intensity' | 'starting' | 'stopping' | 'trees'
  /** What OTP does, in a sentence. */
  readonly otp: string
  /** Where it says so: a section of the documentation of `supervisor`, or a case of its test suite. */
  readonly source: string
  /** Where JavaScript cannot do it, or we chose not to: what happens instead. */
  readonly instead?: string
  readonly tree: Branch
  readonly script: readonly Move[]
  /** What is reported, in order, from the first move on. */
  readonly reports: readonly string[]
}

export interface Branch {
  readonly strategy: Strategy
  readonly intensity?: number
  readonly periodMs?: number
  readonly children: readonly (Leaf | SubBranch)[]
}

interface SubBranch extends Branch {
  readonly name: string
  readonly restart?: Restart
  readonly stopMs?: number
}

export interface Leaf {
  readonly name: string
  readonly restart?: Restart
  readonly stopMs?: number
  /** It does not end when it is told to. */
  readonly deaf?: boolean
  /** Its incarnations with these numbers cannot be started. */
  readonly startsNot?: readonly number[]
  /** Its incarnations with these numbers are never ready. */
  readonly neverReady?: readonly number[]
}

export type Move =
  | { readonly kind: 'start' | 'stop' }
  /** At the same time. */
  | { readonly kind: 'fail' | 'return'; readonly children: readonly string[] }
  | { readonly kind: 'pass'; readonly ms: number }

const start: Move = { kind: 'start' }
const stop: Move = { kind: 'stop' }
const fails = (...children: readonly string[]): Move => ({ kind: 'fail', children })
const returns = (child: string): Move => ({ kind: 'return', children: [child] })
const pass = (ms: number): Move => ({ kind: 'pass', ms })

const a: Leaf = { name: 'a' }
const b: Leaf = { name: 'b' }
const c: Leaf = { name: 'c' }
const often = { intensity: 10, periodMs: 1_000 }

const FLAGS = 'supervisor, Restart Strategies'
const INTENSITY = 'supervisor, Restart intensity and period'
const SHUTDOWN = 'supervisor, Child specification, shutdown'
const PRINCIPLES = 'supervisor, Supervision Principles'

const RESTARTED_BY: Readonly<
  Record<Strategy, { readonly otp: string; readonly source: string; readonly reports: readonly string[] }>
> = {
  'one-for-one': { otp: 'it alone is restarted', source: 'one_for_one', reports: ['root restarts b', 'b 2 started'] },
  'one-for-all': {
    otp: 'the others are stopped, last started first, and all are started, first started first',
    source: 'one_for_all',
    reports: ['root restarts a, b, c', 'c returned', 'a returned', 'a 2 started', 'b 2 started', 'c 2 started'],
  },
  'rest-for-one': {
    otp: 'those that were started after it are stopped, and started behind it',
    source: 'rest_for_one',
    reports: ['root restarts b, c', 'c returned', 'b 2 started', 'c 2 started'],
  },
}

const ENDINGS = [
  { move: fails, how: 'failed', otp: 'fails', source: 'abnormal' },
  { move: returns, how: 'returned', otp: 'ends in good order', source: 'normal' },
] as const

/** Every strategy with every restart type and both ways to end: the second of three children does. */
const TYPES: readonly Row[] = (['one-for-one', 'one-for-all', 'rest-for-one'] as const).flatMap((strategy) =>
  (['permanent', 'transient', 'temporary'] as const).flatMap((restart) =>
    ENDINGS.map(({ move, how, otp, source }): Row => {
      const restarted = restart === 'permanent' || (restart === 'transient' && how === 'failed')
      const after = RESTARTED_BY[strategy]
      return {
        id: `${strategy}-${restart}-${how}`,
        group: 'strategies and restart types',
        otp: `${strategy}: a ${restart} child ${otp}, and ${restarted ? after.otp : 'nobody is restarted'}.`,
        source: `${restart}_${source}${restarted ? `, ${after.source}` : ''}`,
        tree: { ...often, strategy, children: [a, { ...b, restart }, c] },
        script: [start, move('b')],
        reports: [`b ${how}`, ...(restarted ? after.reports : [])],
      }
    }),
  ),
)

const SIBLINGS: readonly Row[] = [
  {
    id: 'rest-for-one-first',
    group: 'siblings',
    otp: 'Rest for one, and the first child ends: everybody is restarted.',
    source: FLAGS,
    tree: { ...often, strategy: 'rest-for-one', children: [a, b, c] },
    script: [start, fails('a')],
    reports: [
      'a failed',
      'root restarts a, b, c',
      'c returned',
      'b returned',
      'a 2 started',
      'b 2 started',
      'c 2 started',
    ],
  },
  {
    id: 'rest-for-one-last',
    group: 'siblings',
    otp: 'Rest for one, and the last child ends: nobody else is touched.',
    source: FLAGS,
    tree: { ...often, strategy: 'rest-for-one', children: [a, b, c] },
    script: [start, fails('c')],
    reports: ['c failed', 'root restarts c', 'c 2 started'],
  },
  {
    id: 'temporary-bystander',
    group: 'siblings',
    otp: 'A temporary child that is stopped with the others is not started again.',
    source: 'temporary_bystander',
    tree: { ...often, strategy: 'one-for-all', children: [a, b, { ...c, restart: 'temporary' }] },
    script: [start, fails('b'), fails('a')],
    reports: [
      'b failed',
      'root restarts a, b',
      'c returned',
      'a returned',
      'a 2 started',
      'b 2 started',
      'a failed',
      'root restarts a, b',
      'b returned',
      'a 3 started',
      'b 3 started',
    ],
  },
  {
    id: 'finished-comes-back',
    group: 'siblings',
    otp: 'A transient child that has ended in good order keeps its place: restarting all starts it again.',
    source: 'supervisor.erl, restart_multiple_children',
    tree: { ...often, strategy: 'one-for-all', children: [a, { ...b, restart: 'transient' }] },
    script: [start, returns('b'), fails('a')],
    reports: ['b returned', 'a failed', 'root restarts a, b', 'a 2 started', 'b 2 started'],
  },
  {
    id: 'both-end',
    group: 'siblings',
    otp: 'Two children end at the same time: one restart of all sees to both.',
    source: 'supervisor.erl, unlink_flush',
    tree: { strategy: 'one-for-all', intensity: 1, periodMs: 1_000, children: [a, b] },
    script: [start, fails('a', 'b')],
    reports: ['a failed', 'b failed', 'root restarts a, b', 'a 2 started', 'b 2 started'],
  },
]

const INTENSITIES: readonly Row[] = [
  {
    id: 'intensity-reached',
    group: 'intensity',
    otp: 'As many restarts within the period as the intensity says are carried out.',
    source: INTENSITY,
    tree: { strategy: 'one-for-one', intensity: 2, periodMs: 1_000, children: [b] },
    script: [start, fails('b'), fails('b')],
    reports: ['b failed', 'root restarts b', 'b 2 started', 'b failed', 'root restarts b', 'b 3 started'],
  },
  {
    id: 'intensity-exceeded',
    group: 'intensity',
    otp: 'One more, and the supervisor stops all its children, last started first, and ends itself.',
    source: 'one_for_one',
    tree: { strategy: 'one-for-one', intensity: 1, periodMs: 1_000, children: [a, b, c] },
    script: [start, fails('b'), fails('b')],
    reports: [
      'b failed',
      'root restarts b',
      'b 2 started',
      'b failed',
      'root gives up',
      'c returned',
      'a returned',
      'the tree gave-up',
    ],
  },
  {
    id: 'intensity-0',
    group: 'intensity',
    otp: 'With an intensity of 0 the first end that asks for a restart ends the supervisor.',
    source: INTENSITY,
    tree: { strategy: 'one-for-one', intensity: 0, periodMs: 1_000, children: [b] },
    script: [start, fails('b')],
    reports: ['b failed', 'root gives up', 'the tree gave-up'],
  },
  {
    id: 'intensity-not-restarted',
    group: 'intensity',
    otp: 'An end that asks for no restart does not count.',
    source: INTENSITY,
    tree: { strategy: 'one-for-one', intensity: 0, periodMs: 1_000, children: [a, { ...b, restart: 'temporary' }] },
    script: [start, fails('b')],
    reports: ['b failed'],
  },
  {
    id: 'period-within',
    group: 'intensity',
    otp: 'A restart counts until the period is over, its last moment included.',
    source: 'supervisor.erl, inPeriod',
    tree: { strategy: 'one-for-one', intensity: 1, periodMs: 1_000, children: [b] },
    script: [start, fails('b'), pass(1_000), fails('b')],
    reports: ['b failed', 'root restarts b', 'b 2 started', 'b failed', 'root gives up', 'the tree gave-up'],
  },
  {
    id: 'period-over',
    group: 'intensity',
    otp: 'After the period it is forgotten: a child may fail for ever, if it does so slowly.',
    source: 'multiple_restarts',
    tree: { strategy: 'one-for-one', intensity: 1, periodMs: 1_000, children: [b] },
    script: [start, fails('b'), pass(1_001), fails('b'), pass(1_001), fails('b')],
    reports: [
      'b failed',
      'root restarts b',
      'b 2 started',
      'b failed',
      'root restarts b',
      'b 3 started',
      'b failed',
      'root restarts b',
      'b 4 started',
    ],
  },
  {
    id: 'all-count-once',
    group: 'intensity',
    otp: 'Restarting all children counts as one restart.',
    source: 'one_for_all',
    tree: { strategy: 'one-for-all', intensity: 1, periodMs: 1_000, children: [a, b] },
    script: [start, fails('a')],
    reports: ['a failed', 'root restarts a, b', 'b returned', 'a 2 started', 'b 2 started'],
  },
  {
    id: 'children-share-the-count',
    group: 'intensity',
    otp: "The count is the supervisor's, not the child's.",
    source: 'one_for_one',
    tree: { strategy: 'one-for-one', intensity: 1, periodMs: 1_000, children: [a, b] },
    script: [start, fails('a'), fails('b')],
    reports: [
      'a failed',
      'root restarts a',
      'a 2 started',
      'b failed',
      'root gives up',
      'a returned',
      'the tree gave-up',
    ],
  },
]

const STARTING: readonly Row[] = [
  {
    id: 'start-in-order',
    group: 'starting',
    otp: 'Children are started in the order of the list, each when the one before is ready.',
    source: PRINCIPLES,
    tree: { ...often, strategy: 'one-for-one', children: [a, b, c] },
    script: [start],
    reports: ['a 1 started', 'b 1 started', 'c 1 started'],
  },
  {
    id: 'start-fails',
    group: 'starting',
    otp: 'A child that cannot be started: those before it are stopped, last started first, and the supervisor has not started.',
    source: 'sup_start_fail',
    tree: { ...often, strategy: 'one-for-one', children: [a, b, { ...c, startsNot: [1] }] },
    script: [start],
    reports: ['a 1 started', 'b 1 started', 'c failed', 'b returned', 'a returned', 'root has not started'],
  },
  {
    id: 'restart-fails',
    group: 'starting',
    otp: 'A child that cannot be started again is tried until the intensity is reached.',
    source: 'one_for_one_escalation',
    tree: { strategy: 'one-for-one', intensity: 3, periodMs: 1_000, children: [a, { ...b, startsNot: [2, 3, 4] }] },
    script: [start, fails('b')],
    reports: [
      'b failed',
      'root restarts b',
      'b failed',
      'root restarts b',
      'b failed',
      'root restarts b',
      'b failed',
      'root gives up',
      'a returned',
      'the tree gave-up',
    ],
  },
  {
    id: 'restart-fails-then-succeeds',
    group: 'starting',
    otp: 'When a restart of all fails at one child, those that were started are stopped, and all is tried once more.',
    source: 'one_for_all_other_child_fails_restart',
    tree: { ...often, strategy: 'one-for-all', children: [a, { ...b, startsNot: [2] }, c] },
    script: [start, fails('a')],
    reports: [
      'a failed',
      'root restarts a, b, c',
      'c returned',
      'b returned',
      'a 2 started',
      'b failed',
      'root restarts a, b, c',
      'a returned',
      'a 3 started',
      'b 3 started',
      'c 2 started',
    ],
  },
  {
    id: 'rest-restart-fails',
    group: 'starting',
    otp: 'When a restart of the rest fails at one child, it goes on from there.',
    source: 'rest_for_one_other_child_fails_restart',
    tree: { ...often, strategy: 'rest-for-one', children: [a, { ...b, startsNot: [2] }, c] },
    script: [start, fails('a')],
    reports: [
      'a failed',
      'root restarts a, b, c',
      'c returned',
      'b returned',
      'a 2 started',
      'b failed',
      'root restarts b, c',
      'b 3 started',
      'c 2 started',
    ],
  },
  {
    id: 'stop-while-starting',
    group: 'starting',
    otp: 'A supervisor that waits for a child to start hears nothing else: it hangs if the child does.',
    source: 'hanging_restart_loop',
    instead: 'Told to stop, it waits no longer: the child is told to end, too, and abandoned if it does not.',
    tree: { ...often, strategy: 'one-for-one', children: [a, { ...b, neverReady: [2], stopMs: 100 }] },
    script: [start, fails('b'), stop, pass(100)],
    reports: ['b failed', 'root restarts b', 'b 2 abandoned', 'a returned', 'the tree returned'],
  },
]

const STOPPING: readonly Row[] = [
  {
    id: 'stop-in-reverse',
    group: 'stopping',
    otp: 'Children are stopped in the reverse order of their start, each when the one before is over.',
    source: PRINCIPLES,
    tree: { ...often, strategy: 'one-for-one', children: [a, b, c] },
    script: [start, stop],
    reports: ['c returned', 'b returned', 'a returned', 'the tree returned'],
  },
  {
    id: 'stop-in-time',
    group: 'stopping',
    otp: 'A child that does not end in its time is killed.',
    source: 'sup_stop_timeout',
    instead:
      'It is abandoned: nothing that it sends is accepted, and its mailbox is closed to it. JavaScript cannot stop it.',
    tree: { ...often, strategy: 'one-for-one', children: [a, { ...b, deaf: true, stopMs: 100 }] },
    script: [start, stop, pass(99), pass(1)],
    reports: ['b 1 abandoned', 'a returned', 'the tree returned'],
  },
  {
    id: 'brutal-kill',
    group: 'stopping',
    otp: 'Shutdown `brutal_kill`: the child is killed without being asked.',
    source: 'sup_stop_brutal_kill',
    instead: 'With a limit of 0 ms it is told, and abandoned in the same turn.',
    tree: { ...often, strategy: 'one-for-one', children: [a, { ...b, deaf: true, stopMs: 0 }] },
    script: [start, stop, pass(0)],
    reports: ['b 1 abandoned', 'a returned', 'the tree returned'],
  },
  {
    id: 'stop-infinity',
    group: 'stopping',
    otp: 'Shutdown `infinity`: the supervisor waits for as long as it takes.',
    source: 'sup_stop_infinity',
    tree: { ...often, strategy: 'one-for-one', children: [{ ...b, deaf: true, stopMs: Infinity }] },
    script: [start, stop, pass(1_000_000), returns('b')],
    reports: ['b returned', 'the tree returned'],
  },
  {
    id: 'abandoned-in-restart',
    group: 'stopping',
    otp: 'A sibling that does not end in its time is killed, and then started again.',
    source: SHUTDOWN,
    instead: 'It is abandoned, and its successor starts while it still runs.',
    tree: { ...often, strategy: 'one-for-all', children: [a, { ...b, deaf: true, stopMs: 100 }] },
    script: [start, fails('a'), pass(100)],
    reports: ['a failed', 'root restarts a, b', 'b 1 abandoned', 'a 2 started', 'b 2 started'],
  },
]

const TREES: readonly Row[] = [
  {
    id: 'escalation',
    group: 'trees',
    otp: 'A supervisor that gives up ends; if it is permanent, its own supervisor restarts it with all its children.',
    source: 'one_for_one_escalation',
    tree: {
      ...often,
      strategy: 'one-for-one',
      children: [a, { name: 'sub', strategy: 'one-for-one', intensity: 0, periodMs: 1_000, children: [b, c] }],
    },
    script: [start, fails('b')],
    reports: [
      'b failed',
      'sub gives up',
      'c returned',
      'sub gave-up',
      'root restarts sub',
      'b 2 started',
      'c 2 started',
      'sub 2 started',
    ],
  },
  {
    id: 'escalation-transient',
    group: 'trees',
    otp: 'A supervisor that gives up ends with reason `shutdown`, which is no failure: if it is transient, it is not restarted.',
    source: INTENSITY,
    tree: {
      ...often,
      strategy: 'one-for-one',
      children: [
        a,
        { name: 'sub', restart: 'transient', strategy: 'one-for-one', intensity: 0, periodMs: 1_000, children: [b, c] },
      ],
    },
    script: [start, fails('b')],
    reports: ['b failed', 'sub gives up', 'c returned', 'sub gave-up'],
  },
  {
    id: 'tree-stops',
    group: 'trees',
    otp: 'Stopping a tree stops each branch in its turn, from its last leaf.',
    source: 'tree',
    tree: {
      ...often,
      strategy: 'one-for-one',
      children: [a, { name: 'sub', strategy: 'one-for-one', ...often, children: [b, c] }],
    },
    script: [start, stop],
    reports: ['c returned', 'b returned', 'sub returned', 'a returned', 'the tree returned'],
  },
  {
    id: 'branch-in-time',
    group: 'trees',
    otp: 'A supervisor with a time limit may be killed before its children are: they go on without it.',
    source: 'supervisor, Child specification, the warning on shutdown',
    instead: 'Abandoning a supervisor abandons everything below it.',
    tree: {
      ...often,
      strategy: 'one-for-one',
      children: [
        a,
        {
          name: 'sub',
          stopMs: 100,
          strategy: 'one-for-one',
          ...often,
          children: [b, { ...c, deaf: true, stopMs: Infinity }],
        },
      ],
    },
    script: [start, stop, pass(100)],
    reports: ['sub 1 abandoned', 'b returned', 'a returned', 'the tree returned'],
  },
]

/** OTP's supervisor and ours, one behaviour a row. */
export const OTP_ROWS: readonly Row[] = [...TYPES, ...SIBLINGS, ...INTENSITIES, ...STARTING, ...STOPPING, ...TREES]

/** What OTP has and this library has not. */
export const OTP_ABSENT: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: '`simple_one_for_one`, `start_child`, `terminate_child`, `delete_child`',
    why: 'The children are those of the list. Work that comes and goes is a promise of the service that owns it.',
  },
  {
    what: '`significant` children and `auto_shutdown`',
    why: 'A service that ends the tree calls `stop` of the tree.',
  },
  { what: '`ignore` from a start function', why: 'A child that has nothing to do returns.' },
  {
    what: 'Links, monitors and exit signals',
    why: 'A promise settles once; `Mailbox.send` says what became of a message.',
  },
  { what: 'Code change', why: 'A new version of a program is a new process.' },
]
