/**
 * The cases, in the order of docs/protocols/chat.md. A server may be asked all of them one after the other, so each has rooms and names
 * that no other case uses.
 */
import { clauseIn, expectSame, expectTrue } from '@switchyard/conformance/portable'
import type { Case as AnyCase, CaseContext } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'

type Case = AnyCase<Client>
type Context = CaseContext<Client>

const HELP = [
  'Server commands',
  '  /help - print this message',
  '  /name {name} - change name',
  '  /rooms - list rooms',
  '  /join {room} - joins room',
  '  /users - list users in room',
  '  /quit - quit server',
]

export const CASES: readonly Case[] = [
  wired('C1.1-lf-and-crlf', 'LF and CRLF end a line', async (context) => {
    const ann = await member(context, 'c11-ann', 'c11')
    await ann.send(Buffer.from('one\ntwo\r\n'))
    await ann.expectLines('c11-ann: one', 'c11-ann: two')
  }),
  wired('C1.2-cut-anywhere', 'a line that is cut anywhere is one line', async (context) => {
    const ann = await member(context, 'c12-ann', 'c12')
    for (const byte of Buffer.from('hé😀\n')) await ann.send(Uint8Array.of(byte))
    await ann.expectLines('c12-ann: hé😀')
  }),
  wired(
    'C1.3-line-of-400',
    'a line of 400 bytes is said, one of 401 is refused and the connection stays',
    async (context) => {
      const ann = await member(context, 'c13-ann', 'c13')
      await ann.say('a'.repeat(400), 'b'.repeat(401), 'next')
      await ann.expectLines(`c13-ann: ${'a'.repeat(400)}`, 'Messages can only be 400 chars long', 'c13-ann: next')
    },
  ),
  wired('C1.4-invalid-utf8', 'invalid UTF-8 closes, and the lines before it count', async (context) => {
    const [ann, bob] = [await member(context, 'c14-ann', 'c14'), await member(context, 'c14-bob', 'c14')]
    await ann.send(Uint8Array.of(0x61, 0x0a, 0xc0))
    await bob.expectLines('c14-ann: a', 'c14-ann left')
    await ann.readUntil('c14-ann: a')
    await ann.expectClosed('fin')
  }),
  wired('C1.5-control-characters', 'control characters are dropped', async (context) => {
    const ann = await member(context, 'c15-ann', 'c15')
    await ann.say('a\u001b[31mb\u009bc\td\u007f')
    await ann.expectLines('c15-ann: a[31mbc\td')
  }),
  wired('C1.6-telnet-skipped', "telnet's commands are skipped", async (context) => {
    const ann = await member(context, 'c16-ann', 'c16')
    await ann.send(Uint8Array.of(0x61, 255, 251, 10, 255, 250, 24, 10, 255, 240, 0x62, 0x0a))
    await ann.expectLines('c16-ann: ab')
  }),
  wired('C2.3-old-name-free', 'the old name is free at once', async (context) => {
    const [ann, bob] = [await member(context, 'c23-ann', 'c23'), await member(context, 'c23-bob', 'c23')]
    await ann.readUntil('c23-bob joined')
    await ann.say('/name c23-cat')
    await bob.expectLines('c23-ann is now c23-cat')
    await bob.say('/name c23-ann')
    await ann.expectLines('c23-ann is now c23-cat', 'c23-bob is now c23-ann')
  }),
  wired('C2.4-names-refused', 'names that are taken, and what is no name, are refused', async (context) => {
    const ann = await member(context, 'c24-ann', 'c24')
    await ann.say('/name c24-ann', '/name x', '/name')
    const refusal = 'Name must be 2 - 20 alphanumeric chars'
    await ann.expectLines('c24-ann is already taken', refusal, refusal)
  }),
  wired('C3.1-greeting', 'a client is greeted with the help, its name and its room', async (context) => {
    const client = await context.connect()
    await client.expectLines(...HELP)
    const you = await client.line()
    expectTrue(/^You are [A-Z][a-z]+[A-Z][a-z]+$/.test(you), `the name is told as "${you}"`)
    await client.expectLines('You joined main')
  }),
  wired('C3.3-room-and-no-other', 'a line goes to everybody in the room and to nobody else', async (context) => {
    const [ann, bob] = [await member(context, 'c33-ann', 'c33'), await member(context, 'c33-bob', 'c33')]
    const cat = await member(context, 'c33-cat', 'c33-other')
    await ann.readUntil('c33-bob joined')
    await ann.say('hi')
    for (const client of [ann, bob]) await client.expectLines('c33-ann: hi')
    await cat.say('own')
    await cat.expectLines('c33-cat: own')
  }),
  wired('C3.4-join-told-in-both', 'joining another room is told in both', async (context) => {
    const [ann, bob] = [await member(context, 'c34-ann', 'c34'), await member(context, 'c34-bob', 'c34-other')]
    const cat = await member(context, 'c34-cat', 'c34')
    await cat.say('/join c34-other', '/join c34-other')
    await cat.expectLines('You joined c34-other', 'You are in c34-other')
    await ann.readUntil('c34-cat left')
    await bob.expectLines('c34-cat joined')
  }),
  wired('C3.5-history', 'the latest lines of a room come behind the joining', async (context) => {
    const ann = await member(context, 'c35-ann', 'c35')
    await ann.say(...Array.from({ length: 12 }, (_, index) => `line ${index}`))
    await ann.readUntil('c35-ann: line 11')
    const bob = await member(context, 'c35-bob', 'c35-other')
    await bob.say('/join c35')
    await bob.expectLines(
      'You joined c35',
      ...Array.from({ length: 10 }, (_, index) => `Earlier - c35-ann: line ${index + 2}`),
    )
  }),
  wired('C3.6-one-order', 'all members are sent lines of three speakers in one order', async (context) => {
    const names = ['c36-ann', 'c36-bob', 'c36-cat']
    const members: Client[] = []
    for (const name of names) members.push(await member(context, name, 'c36'))
    for (const client of members) await client.say('/users')
    for (const client of members) await client.readUntil(`Users - ${names.join(', ')}`)
    await Promise.all(members.map((client) => client.say(...Array.from({ length: 15 }, (_, index) => `${index}`))))
    const heard: string[] = []
    for (const client of members) {
      const lines: string[] = []
      for (let count = 0; count < 45; count++) lines.push(await client.line())
      heard.push(lines.join('|'))
    }
    expectSame('what the second heard', heard[0], heard[1])
    expectSame('what the third heard', heard[0], heard[2])
  }),
  wired('C3.7-leaving-told', 'a room is told who leaves, by /quit and by FIN', async (context) => {
    const ann = await member(context, 'c37-ann', 'c37')
    const bob = await member(context, 'c37-bob', 'c37')
    const cat = await member(context, 'c37-cat', 'c37')
    await bob.say('/quit')
    await ann.readUntil('c37-bob left')
    cat.end()
    await ann.expectLines('c37-cat left')
  }),
  wired('C4.2-unknown-command', 'an unknown command is told', async (context) => {
    const ann = await member(context, 'c42-ann', 'c42')
    await ann.say('/helpme x', '/')
    await ann.expectLines('Unrecognized command /helpme, try /help', 'Unrecognized command /, try /help')
  }),
  wired('C4.3-users-by-name', 'who is in the room is listed by name', async (context) => {
    const ann = await member(context, 'c43-zoe', 'c43')
    await member(context, 'c43-ann', 'c43')
    await ann.expectLines('c43-ann joined')
    await ann.say('/users')
    await ann.expectLines('Users - c43-ann, c43-zoe')
  }),
  wired('C4.4-quit-closes', '/quit closes, and nothing behind it counts', async (context) => {
    const [ann, bob] = [await member(context, 'c44-ann', 'c44'), await member(context, 'c44-bob', 'c44')]
    await ann.say('/quit', 'lost')
    await bob.expectLines('c44-ann left')
    await ann.readUntil('c44-bob joined')
    await ann.expectClosed('fin')
  }),
  wired('C4.5-action', 'what a member does is told to the room', async (context) => {
    const ann = await member(context, 'c45-ann', 'c45')
    await ann.say('/me waves')
    await ann.expectLines('* c45-ann waves')
  }),
  wired('C4.6-whisper', 'a whisper goes to one member, in another room too', async (context) => {
    const [ann, bob] = [await member(context, 'c46-ann', 'c46'), await member(context, 'c46-bob', 'c46-other')]
    await ann.say('/msg c46-bob hi there', '/msg c46-eve hi')
    await ann.expectLines('You whisper to c46-bob: hi there', 'c46-eve is not connected')
    await bob.expectLines('c46-ann whispers: hi there')
  }),
  wired('C4.7-nothing-to-say', 'nothing to say is told', async (context) => {
    const ann = await member(context, 'c47-ann', 'c47')
    await ann.say('/me', '/msg c47-ann')
    await ann.expectLines('Nothing to say, try /help', 'Nothing to say, try /help')
  }),
]

function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case {
  return { id, clause: clauseIn(id), name, needs: ['wire'], basic: true, run }
}

/** A member of that name in that room, which has read all up to its joining. */
async function member(context: Context, name: string, room: string): Promise<Client> {
  const client = await context.connect(name)
  await client.say(`/name ${name}`, `/join ${room}`)
  await client.readUntil(`You joined ${room}`)
  return client
}
