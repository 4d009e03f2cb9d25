/** Faults that nodes have, and how to recognise them from outside. */
import type { Cause, Failures, Sign } from '@switchyard/conformance/portable'

/** The most useful first: what makes every account wrong, then what breaks single promises. */
export const CAUSES: readonly Cause[] = [
  {
    id: 'drops-in-silence',
    title: 'A message that can go nowhere is dropped and not counted',
    looksLike:
      'Whoever adds up what was sent, what arrived and what is reported is always short, by everything that was sent while a link was down.',
    toDo: 'Count where the message is dropped, by destination and by reason, before anything else is done with it.',
    clause: 'N5.1',
    signs: [[fails('N5.1-nobody-there')]],
    explains: [{ clauses: ['N3.1', 'N3.2', 'N3.3', 'N5.1'] }],
  },
  {
    id: 'tells-no-losses',
    title: 'It does not count what a broken link has taken',
    looksLike: 'Messages vanish whenever a broker is restarted, and every node says that it has lost nothing.',
    toDo: 'Keep, for each link, for whom each message was sent until the other end has said that it came; after a break the rest is lost.',
    clause: 'N3.1',
    signs: [[fails('N3.1-books-close'), fails('N3.2-in-doubt-is-reported')]],
    explains: [{ clauses: ['N3.1', 'N3.2', 'N3.4'] }],
  },
  {
    id: 'forgets-ids',
    title: 'A node that starts again gives the ids of its earlier run',
    looksLike: 'After a restart a client reads messages that were meant for somebody who is long gone.',
    toDo: 'Announce ids before they are given, remember what the others have announced, and begin behind it.',
    clause: 'N1.2',
    signs: [[fails('N1.2-behind-the-last-run')]],
    explains: [{ clauses: ['N1.2'] }],
  },
  {
    id: 'trusts-the-others',
    title: 'A node that starts again while it hears no other gives the ids of its earlier run',
    looksLike: 'Two clients of one node have had one id, where all links of the node were down when it started again.',
    toDo: 'Write which ids may be given to a disk, before a client is told one of them.',
    clause: 'N1.2',
    signs: [[fails('N1.2-heard-by-nobody')]],
    explains: [{ clauses: ['N1.2'] }],
  },
  {
    id: 'yields-to-nobody',
    title: 'Two nodes with one number both serve',
    looksLike:
      'Two clients have one id, and a message for it comes to the one or to the other, as the links happen to stand.',
    toDo: 'Listen for as long as another node may be silent before you serve; if the number is taken, do not.',
    clause: 'N1.3',
    signs: [[fails('N1.3-younger-refused')]],
    explains: [{ clauses: ['N1.3'] }],
  },
  {
    id: 'leaves-at-once',
    title: 'A node that is told to end does not wait for what is on the way to it',
    looksLike: 'Every rolling restart loses a few messages, always those of the busiest clients.',
    toDo: 'Tell the others, read the links on until each has said that it sends nothing more, and shut down then.',
    clause: 'N5.2',
    signs: [[fails('N5.2-leaves-in-order')]],
    explains: [{ clauses: ['N5.2'] }],
  },
  {
    id: 'any-secret',
    title: 'Whoever says hello is linked',
    looksLike: 'Anybody who may publish at the broker can send to every client, as any node.',
    toDo: "Compare the secret of a hello with one's own, and reset the link before anything else of it is looked at.",
    clause: 'N6.1',
    signs: [[fails('N6.1-strangers-are-reset')]],
    explains: [{ clauses: ['N6.1'] }],
  },
  {
    id: 'writes-into-links',
    title: 'A client can write into a link',
    looksLike: 'A client that names the id of a link injects frames: it can end the link, or speak as another node.',
    toDo: 'A link has an id like a client, and is none: drop what names it, and count it.',
    clause: 'N6.2',
    signs: [[fails('N6.2-no-way-into-a-link')]],
    explains: [{ clauses: ['N6.2'] }],
  },
  {
    id: 'too-long-uncounted',
    title: 'A message that is too long for its node vanishes there',
    looksLike:
      'Nodes with different limits: long messages reach some clients and not others, and nobody has lost anything.',
    toDo: 'The node that finds a message too long counts it: the other one cannot know.',
    clause: 'N6.3',
    signs: [[fails('N6.3-too-long-there')]],
    explains: [{ clauses: ['N6.3'] }],
  },
]

function fails(...cases: readonly string[]): Sign & Failures {
  return { kind: 'fails', cases }
}
