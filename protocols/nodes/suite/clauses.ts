import type { Clause } from '@switchyard/conformance/portable'

/** The clauses of docs/protocols/nodes.md, in its order and its words, without markup. */
export const CLAUSES: readonly Clause[] = [
  server(
    'N1.1',
    '1 Nodes and ids',
    "An id is 31 bits: the upper 8 are the number of the node that gave it, from 1 to 255, the lower 23 are the node's own. No two nodes give the same.",
  ),
  server(
    'N1.2',
    '1 Nodes and ids',
    "A node that starts again begins behind all ids that an earlier run may have given: it writes them to the file of --node-ids, before a client is told one, and the other nodes remember them too. A client whose id can't be written is refused. A node has a new epoch; what names an earlier run's clients is dropped.",
  ),
  server(
    'N1.3',
    '1 Nodes and ids',
    'Two nodes with one number never both serve while they hear each other: the younger refuses to start, and one that slept while another took its number ends. A node listens for 1.75 s before it serves, longer than another can be silent.',
  ),
  server(
    'N2.1',
    '2 Messages',
    'While both ends and their link stand, a message reaches the client that it names, whole, once, and in the order of its sender (R3.1 to R3.6), on whichever nodes the two are.',
  ),
  server(
    'N3.1',
    '3 A link that breaks',
    'What a break takes is reported, by destination: after it, what was sent = what arrived + what is reported. Nothing arrives twice, and nothing in another order: a gap breaks the link.',
  ),
  server(
    'N3.2',
    '3 A link that breaks',
    "Messages are in doubt while it is not known whether they arrived. The other end's count decides that when the link stands again. If it can't, since the node has started anew or has left, they are reported, although some may have arrived. Never the other way round.",
  ),
  server(
    'N3.3',
    '3 A link that breaks',
    'Senders to a node whose link broke are held back for healMs (2 s), after at most the chunk that was read; then what they send is dropped and counted.',
  ),
  server(
    'N3.4',
    '3 A link that breaks',
    'A link that stands takes the place of an older one, of which nothing more is delivered.',
  ),
  server(
    'N4.1',
    '4 Bounds',
    "At most a window of 256 KiB, and one read and one message of each sender beyond it, is on the way from one node to one client. At that its senders are held back, and nobody else. So what R5.4 says is held for one destination is, on n nodes, queuedBytesMax and n - 1 windows. A node queues a window's worth for a client, and keeps what other nodes send beyond that beside the queue, counted as input: however many nodes and senders flood a client, they never fill its queue, so that no pattern with a mailbox for each client stops.",
  ),
  server(
    'N4.2',
    '4 Bounds',
    'Senders over a link with 1 MiB queued or not taken by the other node are held back until it is half of that. A link has at most 4 MiB on the way in the broker, so that the broker sees no slow consumer.',
  ),
  server(
    'N5.1',
    '5 Absent nodes',
    'A message for a node that is not there, or for a client that is gone, is consumed, dropped and counted by its reason (R3.7).',
  ),
  server(
    'N5.2',
    '5 Absent nodes',
    'A node that is told to end says so to the others, and ends when all that they have sent to it has come; what it has read goes out first. It waits at most a quarter of the grace.',
  ),
  server(
    'N6.1',
    '6 Strangers',
    "A link that begins with anything but a hello that knows the cluster's secret, or sends frames that cannot be, is reset.",
  ),
  server('N6.2', '6 Strangers', "A client can send nothing into a link: the id of a link is nobody's."),
  server(
    'N6.3',
    '6 Strangers',
    "A message that is longer than the destination's node allows is dropped there and counted.",
  ),
]

function server(id: string, section: string, sentence: string): Clause {
  return { id, section, sentences: [sentence], binds: 'server' }
}
