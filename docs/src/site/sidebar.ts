/** The order in which the site is read. A page that does not exist has no entry. */
interface Group {
  readonly text: string
  readonly items: readonly Item[]
}
interface Item {
  readonly text: string
  readonly link: string
}

const GROUPS: readonly (readonly [text: string, items: readonly (readonly [text: string, page: string])[]])[] = [
  [
    'Learn',
    [
      ['The protocol', 'chapters/the-protocol'],
      ['Plain handlers', 'chapters/plain-handlers'],
      ['Why one thread still needs a lock', 'chapters/one-thread-needs-a-lock'],
      ['The lock that deadlocks', 'chapters/the-lock-that-deadlocks'],
      ['The lock that stalls', 'chapters/the-lock-that-stalls'],
      ['One dispatcher', 'chapters/one-dispatcher'],
      ['A channel for each writer', 'chapters/a-channel-for-each-writer'],
      ['Where errors come from', 'chapters/where-errors-come-from'],
      ['Racing', 'chapters/racing'],
      ['The reactor', 'chapters/the-reactor'],
      ['Back-pressure: who should wait', 'chapters/back-pressure'],
      ['Sans-IO', 'chapters/sans-io'],
      ['Mixing patterns', 'chapters/mixing-patterns'],
      ['Let it crash', 'chapters/let-it-crash'],
      ['One to many', 'chapters/one-to-many'],
      ['Decide, commit, deliver', 'chapters/decide-commit-deliver'],
      ['Two ends that both write', 'chapters/two-ends-that-both-write'],
      ['When the link breaks', 'chapters/when-the-link-breaks'],
      ['Faults that nobody saw', 'chapters/faults-that-nobody-saw'],
      ['Picking one', 'chapters/picking-one'],
      ['How one comes to it', 'history'],
      ['The laboratory', 'lab'],
      ['You are the scheduler', 'game'],
    ],
  ],
  [
    'Choose',
    [
      ['Which pattern?', 'decide'],
      ['Five patterns, six problems', 'prices'],
      ['Results', 'results'],
      ['Where the time goes', 'performance'],
      ['Under fire', 'under-fire'],
    ],
  ],
  [
    'Guides',
    [
      ['Judge your own server', 'judge-your-own-server'],
      ['Add a pattern', 'guides/add-a-pattern'],
      ['Bring your own protocol', 'guides/bring-your-own-protocol'],
      ['Use it as a library', 'guides/use-as-a-library'],
      ['Operating a server', 'operating'],
      ['Several machines', 'guides/several-machines'],
    ],
  ],
  [
    'Teach',
    [
      ['Teaching with it', 'teach/index'],
      ['Slides', 'teach/slides'],
      ['Lab 1: a router that routes', 'teach/lab-1'],
      ['Lab 2: clients that misbehave', 'teach/lab-2'],
      ['Lab 3: a chat, and four faults', 'teach/lab-3'],
      ['Exam', 'teach/exam'],
    ],
  ],
  [
    'Reference',
    [
      ['Guarantees', 'reference/guarantees'],
      ['Orders for one sync', 'reference/orders-per-commit'],
      ['Streams beside another library', 'reference/streams'],
      ['Clauses', 'reference/clauses'],
      ['The protocol, in full', 'protocol'],
      ['EPMD, in full', 'protocols/epmd'],
      ['Chat, in full', 'protocols/chat'],
      ['A multiplexer, in full', 'protocols/mux'],
      ['Router nodes, in full', 'protocols/nodes'],
      ["The exchange's book", 'protocols/exchange'],
      ['Limits', 'reference/limits'],
      ['Errors', 'reference/errors'],
      ['Commands', 'reference/commands'],
      ['Statistics', 'reference/statistics'],
      ['Services', 'reference/services'],
      ['Glossary', 'glossary'],
    ],
  ],
  [
    'Behind it',
    [
      ['The design', 'design'],
      ['Every schedule', 'simulation'],
      ['The kill matrix', 'kill-matrix'],
      ['The kill matrix of chat', 'protocols/chat-kill-matrix'],
      ['The five, mutated', 'mutated'],
      ['The services, mutated', 'services-mutated'],
      ['The core, mutated', 'core-mutated'],
      ['Chat, mutated', 'protocols/chat-mutated'],
      ['Origins', 'origins'],
    ],
  ],
]

/** `exists` answers for a page named without its `.md`. */
export function sidebar(exists: (page: string) => boolean): Group[] {
  return GROUPS.map(([text, items]) => ({
    text,
    items: items.filter(([, page]) => exists(page)).map(([name, page]) => ({ text: name, link: `/${page}` })),
  }))
}
