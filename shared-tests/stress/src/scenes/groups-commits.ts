/**
 * Sixteen clients, each with one request at a time that must be durable before it is answered (G11): how many share one commit?
 *
 * The figure depends on the pattern and on how many ask, hardly on load: while a commit is under way the others ask.
 */
import { doubted } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Unseen } from '../load/errors.ts'
import { Requester } from '../load/requesters.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'

const CLIENTS = 16
const REQUESTS = 50
/** All of them are answered by then. */
const ANSWERED_MS = 30_000

/** At least so many for one commit if they share them, and at most so many if each has its own. */
const SHARE_MIN = 4
const ALONE_MAX = 1.2

/** What was seen. Plain data. */
export interface Commits {
  readonly requests: number
  readonly commits: number
}

export const groupsCommits: Scene = {
  shows: ['G11'],
  speaks: 'requests',
  async play(open) {
    await using stage = await open()
    if (stage.sight !== 'inside') throw new Unseen('it needs a look at how often the server commits')
    return { G11: commitsShared(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<Commits> {
  const clients = await Requester.connect(stage, CLIENTS)
  const { commits: before } = await stage.statistics()
  await stage.within(
    ANSWERED_MS,
    Promise.all(clients.map(askInTurn)),
    `${CLIENTS} clients had no answers to ${REQUESTS} requests each after ${ANSWERED_MS / 1000} seconds`,
  )
  const { commits } = await stage.statistics()
  return { requests: CLIENTS * REQUESTS, commits: commits - before }
}

/** Asks when the last request is answered. */
function askInTurn(client: Requester): Promise<void> {
  return new Promise((resolve) => {
    let asked = 1
    client.heard = () => {
      if (client.incoming.messages < asked) return
      if (asked === REQUESTS) return resolve()
      asked++
      client.ask(1)
    }
    client.ask(1)
  })
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** G11: decisions share commits. */
export function commitsShared({ requests, commits }: Commits): Finding {
  const shared = requests / commits
  return doubted(commits === 0 ? ['the server committed nothing'] : [], {
    verdict: verdictOn(shared),
    figure: shared.toFixed(1),
    why: `${requests} requests of ${CLIENTS} clients, one at a time each, took ${commits} commits: ${shared.toFixed(1)} share one`,
    figures: { requests, commits },
  })
}

function verdictOn(shared: number): Verdict {
  if (shared <= ALONE_MAX) return 'price-paid'
  return shared >= SHARE_MIN ? 'holds' : 'undecided'
}
