/**
 * The cases, in the order of docs/protocols/chat.md. A server may be asked all of them one after the other, so each has rooms and names
 * that no other case uses.
 */
import { expectSame, expectTrue, Failed } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { LAGGING } from './lagging.ts'
import { LIFE } from './life.ts'
import { LIMITS } from './limits.ts'
import { familiar, member, wired } from './steps.ts'
import type { Case } from './steps.ts'

const HELP = [
  'Server commands',
  '  /help - print this message',
  '  /name {name} - change name',
  '  /rooms - list rooms',
  '  /join {room} - joins room',
  '  /users - list users in room',
  '  /quit - quit server',
]

const MORE_HELP = ['  /me {action} - say what you do', '  /msg {name} {text} - whisper to a user']

/** How often a name is asked for until it is free, below what the flood limit lets in at once. */
const ASKED_MAX = 50

export const CASES: readonly Case[] = [
  wired('C1.1-lf-and-crlf', 'LF and CRLF end a line', async (context) => {
    const ann = await member(context, 'c11-ann', 'c11')
    await ann.send(Buffer.from('one\ntwo\r\nthree\n'))
    await ann.expectLines('c11-ann: one', 'c11-ann: two', 'c11-ann: three')
  }),
  wired('C1.1-unfinished-line', 'what stands behind the last newline at FIN is discarded', async (context) => {
    const [ann, bob] = [await member(context, 'c11-fin', 'c11-fin'), await member(context, 'c11-bob', 'c11-fin')]
    await ann.send(Buffer.from('said\nunfinished'))
    ann.end()
    await bob.expectLines('c11-fin: said', 'c11-fin left')
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
  wired('C1.3-refused-at-once', 'a line that is too long is refused before it ends', async (context) => {
    const ann = await member(context, 'c13-long', 'c13-long')
    await ann.send(Buffer.from('c'.repeat(401)))
    await ann.expectLines('Messages can only be 400 chars long')
    await ann.say('c'.repeat(1000), 'next')
    await ann.expectLines('c13-long: next')
  }),
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
  wired('C1.5-not-counted', 'a dropped character is no byte of its line', async (context) => {
    const ann = await member(context, 'c15-count', 'c15-count')
    await ann.say(`\u0007${'a'.repeat(400)}\u0007`)
    await ann.expectLines(`c15-count: ${'a'.repeat(400)}`)
  }),
  wired('C1.6-telnet-skipped', "telnet's commands are skipped", async (context) => {
    const ann = await member(context, 'c16-ann', 'c16')
    await ann.send(Uint8Array.of(0x61, 255, 251, 10, 255, 250, 24, 10, 255, 240, 0x62, 0x0a))
    await ann.expectLines('c16-ann: ab')
  }),
  wired('C1.6-interrupt', "telnet's ^C ends the connection", async (context) => {
    const [ann, bob] = [await member(context, 'c16-int', 'c16-int'), await member(context, 'c16-bob', 'c16-int')]
    await ann.send(Uint8Array.of(255, 244, 255, 253, 6))
    await bob.expectLines('c16-int left')
    await ann.readUntil('c16-bob joined')
    await ann.expectClosed('fin')
  }),
  wired('C1.7-no-forged-line', "no member can say a line of the server's or of another's", async (context) => {
    const [ann, bob] = await familiar(context, 'c17', 'c17-ann', 'c17-bob')
    const forged = ['c17-cat: hi', 'You joined c17', 'c17-bob left', 'a\rc17-bob: b', 'c\u0085d\u2028e', ' /quit']
    await ann.say(...forged)
    const heard = ['c17-cat: hi', 'You joined c17', 'c17-bob left', 'ac17-bob: b', 'cd\u2028e', ' /quit']
    await bob.expectLines(...heard.map((line) => `c17-ann: ${line}`))
    await ann.say('/me left\rYou joined c17', '/msg c17-bob x\ry')
    await bob.expectLines('* c17-ann leftYou joined c17', 'c17-ann whispers: xy')
  }),
  wired('C2.1-names-of-the-new', 'thirty members come with thirty names of 8 to 12 letters', async (context) => {
    const names = new Set<string>()
    for (let count = 0; count < 30; count++) {
      const client = await context.connect()
      const name = await client.ownName()
      expectTrue(/^[A-Za-z]{8,12}$/.test(name), `a new member has the name "${name}"`)
      expectTrue(!names.has(name), `two new members have the name "${name}"`)
      names.add(name)
    }
  }),
  wired('C2.2-names-allowed', 'names and rooms of 2 to 20 characters, by case', async (context) => {
    const [ann, bob] = await familiar(context, 'c22', 'c22-ann', 'c22-bob')
    const longest = 'c22-_ABCDEFGHIJKLMN0'
    await ann.say(`/name ${longest}`, `/name ${longest}1`, '/name c2', '/name c22-\u00e9', '/name c22.x')
    const refusal = 'Name must be 2 - 20 alphanumeric chars'
    await ann.expectLines(`c22-ann is now ${longest}`, refusal, `${longest} is now c2`, refusal, refusal)
    await bob.say('/name C2')
    await ann.expectLines('c22-bob is now C2')
    await ann.say(`/join ${longest}1`, '/join c', `/join ${longest}`)
    const noRoom = 'Room must be 2 - 20 alphanumeric chars'
    await ann.expectLines(noRoom, noRoom, `You joined ${longest}`)
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
  wired('C2.5-names-of-the-gone', 'a name is free when its owner quits, sends FIN, or is gone', async (context) => {
    const bob = await member(context, 'c25-bob', 'c25')
    for (const leave of [
      (ann: Client) => ann.say('/quit'),
      async (ann: Client) => ann.end(),
      (ann: Client) => ann.send(Uint8Array.of(0xc0)),
    ]) {
      const ann = await member(context, 'c25-ann', 'c25-other')
      await leave(ann)
      await ann.closed()
      ann.end()
      await bob.say('/name c25-ann', '/name c25-bob')
      await bob.expectLines('c25-bob is now c25-ann', 'c25-ann is now c25-bob')
    }
    const cat = await member(context, 'c25-cat', 'c25-other')
    cat.reset()
    await untilNamed(bob, 'c25-cat')
  }),
  wired('C2.5-renamed-and-gone', 'of a member that was renamed, no name stays taken', async (context) => {
    const bob = await member(context, 'c25-eve', 'c25-renamed')
    const names = ['c25-one', 'c25-two', 'c25-three']
    const ann = await member(context, 'c25-one', 'c25-elsewhere')
    await ann.say(...names.slice(1).map((name) => `/name ${name}`), '/quit')
    await ann.closed()
    for (const name of names) await untilNamed(bob, name)
  }),
  wired('C3.1-greeting', 'a client is greeted with the help, its name and its room', async (context) => {
    const client = await context.connect()
    await client.expectLines(...HELP)
    const you = await client.line()
    expectTrue(/^You are [A-Z][a-z]+[A-Z][a-z]+$/.test(you), `the name is told as "${you}"`)
    await client.expectLines('You joined main')
  }),
  wired('C3.2-room-is-gone', 'a room is gone with its last member, and what was said there', async (context) => {
    const [ann, bob] = [await member(context, 'c32-ann', 'c32-home'), await member(context, 'c32-bob', 'c32-room')]
    await bob.say('said')
    await bob.expectLines('c32-bob: said')
    expectSame('rooms', 'c32-home (1), c32-room (1)', await roomsOf(ann, 'c32-'))
    await bob.say('/join c32-home', '/join c32-home')
    await bob.expectLines('You joined c32-home', 'You are in c32-home')
    await ann.expectLines('c32-bob joined')
    expectSame('rooms', 'c32-home (2)', await roomsOf(ann, 'c32-'))
    await bob.say('/join c32-room', '/users')
    await bob.expectLines('You joined c32-room', 'Users - c32-bob')
  }),
  wired('C3.2-room-of-the-gone', 'a room is gone when its last member disconnects', async (context) => {
    const ann = await member(context, 'c32-eve', 'c32b-home')
    const bob = await member(context, 'c32-dan', 'c32b-room')
    bob.end()
    await bob.expectClosed('fin')
    expectSame('rooms', 'c32b-home (1)', await roomsOf(ann, 'c32b-'))
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
  wired('C3.4-no-room', 'what is no room is refused, and the member stays', async (context) => {
    const [ann, bob] = await familiar(context, 'c34-stay', 'c34-eve', 'c34-dan')
    await ann.say('/join', '/join !', 'here')
    const refusal = 'Room must be 2 - 20 alphanumeric chars'
    await ann.expectLines(refusal, refusal, 'c34-eve: here')
    await bob.expectLines('c34-eve: here')
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
  wired(
    'C3.6-causes-first',
    'an answer never comes before what it answers, across rooms and whispers',
    async (context) => {
      const [ann, bob, cat] = await familiar(context, 'c36-cause', 'c36-al', 'c36-bo', 'c36-cy')
      for (let round = 0; round < 10; round++) {
        await ann.say(`question ${round}`)
        await bob.expectLines(`c36-al: question ${round}`)
        await bob.say(`/msg c36-cy answer ${round}`)
        await bob.expectLines(`You whisper to c36-cy: answer ${round}`)
        await cat.expectLines(`c36-al: question ${round}`, `c36-bo whispers: answer ${round}`)
        await ann.expectLines(`c36-al: question ${round}`)
      }
    },
  ),
  wired('C3.7-leaving-told', 'a room is told who leaves, by /quit and by FIN', async (context) => {
    const ann = await member(context, 'c37-ann', 'c37')
    const bob = await member(context, 'c37-bob', 'c37')
    const cat = await member(context, 'c37-cat', 'c37')
    await bob.say('/quit')
    await ann.readUntil('c37-bob left')
    cat.end()
    await ann.expectLines('c37-cat left')
  }),
  wired('C4.1-help', '/help has a line for each command', async (context) => {
    const ann = await member(context, 'c41-ann', 'c41')
    await ann.say('/help')
    await ann.expectLines(...HELP, ...MORE_HELP)
  }),
  wired('C4.2-unknown-command', 'an unknown command is told', async (context) => {
    const ann = await member(context, 'c42-ann', 'c42')
    await ann.say('/helpme x', '/')
    await ann.expectLines('Unrecognized command /helpme, try /help', 'Unrecognized command /, try /help')
  }),
  wired('C4.2-more-than-needed', 'what a command does not need is ignored', async (context) => {
    const ann = await member(context, 'c42-eve', 'c42-more')
    await ann.say('/users of this room', '/name\tc42-two  more ')
    await ann.expectLines('Users - c42-eve', 'c42-eve is now c42-two')
  }),
  wired('C4.3-users-by-name', 'who is in the room is listed by name', async (context) => {
    const ann = await member(context, 'c43-zoe', 'c43')
    await member(context, 'c43-ann', 'c43')
    await ann.expectLines('c43-ann joined')
    await ann.say('/users')
    await ann.expectLines('Users - c43-ann, c43-zoe')
  }),
  wired('C4.3-rooms-by-count', 'rooms are listed by how many are in them, then by name', async (context) => {
    const rooms = ['c43r-b', 'c43r-c', 'c43r-a', 'c43r-c', 'c43r-d', 'c43r-d']
    const members: Client[] = []
    for (const [index, room] of rooms.entries()) members.push(await member(context, `c43r-${index}`, room))
    const asking = await member(context, 'c43r-asking', 'c43r-d')
    expectSame('rooms', 'c43r-d (3), c43r-c (2), c43r-a (1), c43r-b (1)', await roomsOf(asking, 'c43r-'))
  }),
  wired('C4.4-quit-closes', '/quit closes, and nothing behind it counts', async (context) => {
    const [ann, bob] = [await member(context, 'c44-ann', 'c44'), await member(context, 'c44-bob', 'c44')]
    await ann.say('/quit', 'lost')
    await bob.expectLines('c44-ann left')
    await bob.say('still here')
    await bob.expectLines('c44-bob: still here')
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
  ...LAGGING,
  ...LIMITS,
  ...LIFE.cases,
]

/** A server hears of a reset when it comes to it: a name is asked for until it is free. */
async function untilNamed(client: Client, name: string): Promise<void> {
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    await client.say(`/name ${name}`)
    const answer = await client.line()
    if (answer.endsWith(` is now ${name}`)) return
    expectSame(`${client.name}: the next line`, `${name} is already taken`, answer)
  }
  throw new Failed(`${name} is still taken, though its owner is gone`, 'no-place')
}

/** The rooms of one case among those that the server lists, in its order. */
async function roomsOf(client: Client, prefix: string): Promise<string> {
  await client.say('/rooms')
  const list = await client.line()
  expectTrue(list.startsWith('Rooms - '), `/rooms was answered with "${list}"`)
  return list
    .slice('Rooms - '.length)
    .split(', ')
    .filter((room) => room.startsWith(prefix))
    .join(', ')
}
