import { expect, test } from 'vitest'
import { Tasks } from '../src/tasks.ts'
import { ticks } from './support.ts'

/** A task that ends when a test says so. */
class Shot {
  readonly task: Promise<void>
  end!: () => void

  constructor() {
    this.task = new Promise((resolve) => (this.end = resolve))
  }
}

test('tasks are counted until they settle', async () => {
  const tasks = new Tasks()
  const [one, two] = [new Shot(), new Shot()]
  tasks.own(one.task)
  tasks.own(two.task)
  expect(tasks.count).toBe(2)
  one.end()
  await ticks()
  expect(tasks.count).toBe(1)
  two.end()
  await ticks()
  expect(tasks.count).toBe(0)
})

test('none is settled at once', async () => {
  await new Tasks().settled()
})

test('all are settled when the last one is, those included that start meanwhile', async () => {
  const tasks = new Tasks()
  const [one, two, three] = [new Shot(), new Shot(), new Shot()]
  const events: string[] = []
  tasks.own(one.task.then(() => tasks.own(two.task.then(() => tasks.own(three.task)))))
  void tasks.settled().then(() => events.push('settled'))
  for (const [name, shot] of Object.entries({ one, two, three })) {
    await ticks()
    events.push(name)
    shot.end()
  }
  await ticks()
  expect(events).toEqual(['one', 'two', 'three', 'settled'])
})

test('one that rejects crashes the process, with its own error, and does not keep others waiting', async () => {
  const error = new Error('a broken invariant')
  // Whoever runs the tests listens too; this crash is not theirs.
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const tasks = new Tasks()
  try {
    const crash = new Promise((resolve) => process.once('uncaughtException', resolve))
    tasks.own(Promise.reject(error))
    expect(await crash).toBe(error)
  } finally {
    for (const listener of others) process.on('uncaughtException', listener)
  }
  expect(tasks.count).toBe(0)
  await tasks.settled()
})
