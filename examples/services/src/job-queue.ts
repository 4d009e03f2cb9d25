/**
 * A job queue whose workers crash: `npm start --workspace examples/services`.
 *
 * A queue hands jobs to two workers, which add up the numbers of a text; a till collects the sums. Some texts are not made of
 * numbers, and a worker that gets one throws. Nothing here catches that. The supervisor starts the worker anew, the jobs
 * that wait for it stay where they are, and the one job that it had in its hand is reported.
 */
import { liveClock } from '@switchyard/core'
import { Directory, Incarnation, Mailbox, service, start, supervisor } from '@switchyard/services'
import type { Child, Lost, Report, Run, Self } from '@switchyard/services'

interface Job {
  readonly number: number
  readonly text: string
}

interface Sum {
  readonly job: number
  readonly sum: number
}

/** Who takes what: a wrong message, or a wrong name, does not compile. */
interface Names {
  readonly queue: Job
  readonly worker1: Job
  readonly worker2: Job
  readonly till: Sum
}

const WORKERS = ['worker1', 'worker2'] as const
const TEXTS = ['1 2 3', '40 2', 'four', 'none', '7', '100 -1', '', '3 3 3', '5 5', '21 34', '8 13', '9 9']

const directory = new Directory<Names>()
const sums = new Map<number, number>()
const lost: Job[] = []

/** Passes jobs on to the workers in turn, and waits for each that has something to do. */
async function queue(self: Self<Job>): Promise<void> {
  let next = 0
  for await (const job of self.messages()) {
    const free = directory.get(WORKERS[next++ % WORKERS.length]!)
    if (free) await self.send(free, job)
  }
}

/** Knows nothing of failures. */
async function worker(self: Self<Job>): Promise<void> {
  for await (const { number, text } of self.messages()) {
    await new Promise<void>((resolve) => liveClock.after(1, resolve))
    const sum = addUp(text)
    const results = directory.get('till')
    if (results) await self.send(results, { job: number, sum })
  }
}

function addUp(text: string): number {
  const numbers = text.split(' ').map((word) => (word === '' ? Number.NaN : Number(word)))
  if (numbers.some((number) => Number.isNaN(number))) throw new Error(`"${text}" is not made of numbers`)
  return numbers.reduce((sum, number) => sum + number, 0)
}

async function till(self: Self<Sum>): Promise<void> {
  for await (const { job, sum } of self.messages()) sums.set(job, sum)
}

/** A service under its name, with a mailbox for one message at a time. */
function named<Name extends Extract<keyof Names, string>>(
  name: Name,
  run: (self: Self<Names[Name]>) => Promise<void>,
  onLoss: (lost: Lost<Names[Name]>) => void,
): Child {
  const mailbox = new Mailbox<Names[Name]>({ name, capacity: 1, onDeath: 'transfer', lost: onLoss })
  directory.set(name, mailbox)
  return service({
    name,
    mailbox,
    start:
      (self): Run =>
      () =>
        run(self),
  })
}

function report(event: Report): void {
  if (event.kind === 'ended' && event.end.how === 'failed')
    print(`${event.child} ${event.number}: ${String(event.end.error)}`)
  if (event.kind === 'started' && event.number > 1) print(`${event.child} ${event.number} has started`)
}

function lose({ message }: Lost<Job>): void {
  lost.push(message)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The till first and the queue last: a stop goes the other way round, so that every job on its way is done. */
const tree = await start(
  supervisor({
    name: 'shop',
    strategy: 'one-for-one',
    intensity: 5,
    periodMs: 1_000,
    children: [
      named('till', till, () => {}),
      named('worker1', worker, lose),
      named('worker2', worker, lose),
      named('queue', queue, lose),
    ],
    report,
  }),
)
const customer = new Incarnation('customer')
for (const [index, text] of TEXTS.entries()) await directory.get('queue')?.send({ number: index + 1, text }, customer)
await tree.stop()

for (const [job, sum] of [...sums].toSorted(([a], [b]) => a - b)) print(`job ${job}: ${sum}`)
for (const { number, text } of lost.toSorted((a, b) => a.number - b.number)) print(`job ${number} is lost: "${text}"`)
print(`${TEXTS.length} jobs = ${sums.size} done + ${lost.length} reported lost`)
