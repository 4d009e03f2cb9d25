/** The bell's suite: a case for each step that belongs to no client's chunk. Its clauses stand in the bell's own docstring. */
import { expectSame, expectTrue, Session } from '@switchyard/conformance/portable'
import type { Case, CaseContext, Clause, Suite } from '@switchyard/conformance/portable'
import { Bell } from '../src/index.ts'
import { SIMULATED_BELL } from './simulated/index.ts'

class Client extends Session {
  /** Throws Failed unless the next bytes are these. */
  async hears(text: string): Promise<void> {
    const heard = new TextDecoder().decode(await this.bytes(text.length))
    expectSame(`what ${this.name} hears`, text, heard)
  }
}

function clause(id: string, sentence: string): Clause {
  return { id, section: '1 Bell', sentences: [sentence], binds: 'server' }
}

const CLAUSES: readonly Clause[] = [
  clause('B1.1', 'It rings each 100 ms, three times, for everybody at once, and then closes.'),
  clause('B1.2', 'Whoever asks is told when nothing is queued for it.'),
  clause('B1.3', 'At a shutdown everybody is told goodbye before the connection is closed.'),
  clause('B1.4', 'An offer for which there is no room is refused, and counted; the next ones that have room are not.'),
]

const CASES: readonly Case<Client>[] = [
  {
    id: 'B1.1-rings-and-closes',
    clause: 'B1.1',
    name: 'it rings three times for both clients, and closes with its own words',
    needs: ['wire', 'statistics'],
    async run(context) {
      const clients = [await greeted(context, 'one'), await greeted(context, 'two')]
      for (const ring of ['1', '2', '3']) {
        await context.pass(100)
        for (const client of clients) await client.hears(ring)
      }
      for (const client of clients) {
        await client.expectClosed('fin')
        client.end()
      }
      await context.until('the record of both', ({ lastCloses }) => lastCloses.length === 2)
      const [close] = context.statistics().lastCloses
      expectSame('why the connection was closed', 'the bell has rung', close?.why)
    },
  },
  {
    id: 'B1.2-told-each-time',
    clause: 'B1.2',
    name: 'a client that asks again and again is told each time',
    needs: ['wire'],
    async run(context) {
      const client = await greeted(context, 'client')
      for (let time = 0; time < 3; time++) {
        await client.send(Uint8Array.of(0x71))
        await client.hears('d')
      }
    },
  },
  {
    id: 'B1.3-goodbye-then-fin',
    clause: 'B1.3',
    name: 'both clients hear goodbye, and then FIN',
    needs: ['wire', 'signal'],
    async run(context) {
      const clients = [await greeted(context, 'one'), await greeted(context, 'two')]
      const end = context.shutdown()
      for (const client of clients) {
        await client.hears('b')
        await client.expectClosed('fin')
        client.end()
      }
      await end
    },
  },
  {
    id: 'B1.4-offers-refused',
    clause: 'B1.4',
    name: 'of ten offers at once, eight are refused; once they were read there is room again',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [reader, talker] = [await greeted(context, 'reader'), await greeted(context, 'talker')]
      await talker.send(new TextEncoder().encode('oooooooooo'))
      await talker.hears('8')
      await reader.bytes(2 * 256 * 1024)
      await talker.send(Uint8Array.of(0x6f))
      await talker.hears('0')
      await reader.bytes(256 * 1024)
      expectTrue(context.statistics().drops.refused.sends === 8, 'the statistics do not count eight refused offers')
    },
  },
]

async function greeted(context: CaseContext<Client>, name: string): Promise<Client> {
  const client = await context.connect(name)
  await client.hears('h')
  return client
}

export const BELL: Suite<Client> = {
  name: 'bell',
  specification: 'protocols/bell/src/index.ts',
  clauses: CLAUSES,
  cases: CASES,
  create: () => new Bell(),
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_BELL,
}
