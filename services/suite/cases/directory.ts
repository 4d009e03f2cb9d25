import assert from 'node:assert/strict'
import type { Mailbox } from '../../src/index.ts'
import { Stage, watch } from './case.ts'
import type { Case } from './case.ts'
import type { Library } from '../library.ts'

interface Names {
  readonly kitchen: string
  readonly till: number
}

function kitchen(library: Library): Mailbox<string> {
  return new library.Mailbox<string>({ name: 'kitchen', capacity: 1, onDeath: 'transfer', lost() {} })
}

const CLOSED = { state: 'closed' }

export const DIRECTORY_CASES: readonly Case[] = [
  {
    id: 'directory-replace',
    says: 'a name means the mailbox that it was given last; the one before comes back',
    run(library) {
      const directory = new library.Directory<Names>()
      const [old, young] = [kitchen(library), kitchen(library)]
      assert.equal(directory.get('kitchen'), undefined)
      assert.equal(directory.set('kitchen', old), undefined)
      assert.equal(directory.get('kitchen'), old)
      assert.equal(directory.set('kitchen', young), old)
      assert.equal(directory.get('kitchen'), young)
    },
  },
  {
    id: 'directory-delete',
    says: 'only the mailbox that has the name can lose it',
    run(library) {
      const directory = new library.Directory<Names>()
      const [old, young] = [kitchen(library), kitchen(library)]
      directory.set('kitchen', old)
      directory.set('kitchen', young)
      assert.equal(directory.delete('kitchen', old), false)
      assert.equal(directory.get('kitchen'), young)
      assert.equal(directory.delete('kitchen', young), true)
      assert.equal(directory.get('kitchen'), undefined)
    },
  },
  {
    id: 'directory-find',
    says: 'whoever looks for a name finds it, or waits until it is given; all who wait are told, once',
    async run(library) {
      const { waits, rest } = stageOf()
      const directory = new library.Directory<Names>(waits)
      const by = new library.Incarnation('waiter')
      const found = [watch(directory.find('kitchen', by)), watch(directory.find('kitchen', by))]
      const other = watch(directory.find('till', by))
      await rest()
      assert.deepEqual(
        found.map(({ settled }) => settled),
        [undefined, undefined],
      )
      assert.match(waits.render(), /^waiter waits for a mailbox by the name of kitchen$/m)
      const mailbox = kitchen(library)
      directory.set('kitchen', mailbox)
      await rest()
      for (const { settled } of found) {
        assert.equal(settled?.state, 'ok')
        assert.equal(settled?.state === 'ok' && settled.mailbox, mailbox)
      }
      assert.equal(other.settled, undefined)
      assert.equal(waits.edges().length, 1)
      const again = await directory.find('kitchen', by)
      assert.equal(again.state === 'ok' && again.mailbox, mailbox)
    },
  },
  {
    id: 'directory-close',
    says: 'closing ends every wait for a name, and the next ones too; names can still be looked up',
    async run(library) {
      const { rest } = stageOf()
      const directory = new library.Directory<Names>()
      const by = new library.Incarnation('waiter')
      const mailbox = kitchen(library)
      directory.set('kitchen', mailbox)
      const waiting = watch(directory.find('till', by))
      directory.close()
      await rest()
      assert.deepEqual(waiting.settled, CLOSED)
      assert.deepEqual(await directory.find('till', by), CLOSED)
      assert.equal(directory.get('kitchen'), mailbox)
    },
  },
  {
    id: 'directory-stop',
    says: 'a service that is told to stop waits for no name any more',
    async run(library) {
      const { rest } = stageOf()
      const directory = new library.Directory<Names>()
      const [by, other] = [new library.Incarnation('waiter'), new library.Incarnation('other')]
      const waiting = watch(directory.find('till', by))
      const waitsOn = watch(directory.find('till', other))
      by.stop()
      await rest()
      assert.deepEqual(waiting.settled, CLOSED)
      assert.equal(waitsOn.settled, undefined)
      assert.deepEqual(await directory.find('till', by), CLOSED)
    },
  },
]

function stageOf(): { readonly waits: Stage['waits']; readonly rest: () => Promise<void> } {
  const stage = new Stage()
  return { waits: stage.waits, rest: () => stage.rest() }
}
