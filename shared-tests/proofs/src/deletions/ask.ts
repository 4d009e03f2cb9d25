import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Answer, FromChild, Question, Stage } from './messages.ts'

const CHILD = new URL('./child.js', import.meta.url)
/** A child that has not been heard of for so long spins: its mutant never lets anything else happen. What it waits for a CPU does not count. */
const SILENCE_MS = 12_000
const LOOK_MS = 1_000

/** Tries one mutant. Settles with what noticed it; a mutant that spins is noticed by whichever stage it spun in. */
export function ask(question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    let stage: Stage = 'simulator'
    let answer: Answer | undefined
    const ownTime = (): number => performance.now() - waitedForCpuMs(child.pid)
    let heardAt = ownTime()
    const looking = setInterval(() => {
      if (ownTime() - heardAt < SILENCE_MS) return
      answer ??= noticed(stage, 'it spins: nothing else ever happens')
      child.kill('SIGKILL')
    }, LOOK_MS)
    child.on('message', (message: FromChild) => {
      heardAt = ownTime()
      if (message.kind === 'alive') ({ stage } = message)
      else ({ answer } = message)
    })
    child.on('exit', () => {
      clearInterval(looking)
      resolve(answer ?? noticed(stage, 'the process ended'))
    })
    child.send(question)
  })
}

/** How long the process's main thread has been ready and had to wait for a CPU; 0 where the system does not say. */
function waitedForCpuMs(pid: number | undefined): number {
  try {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return 0 // Not Linux, or it has ended.
  }
}

function noticed(stage: Stage, message: string): Answer {
  return stage === 'simulator'
    ? { by: 'simulator', clause: '', message, schedules: 0 }
    : { by: 'suite', clause: '', message }
}
