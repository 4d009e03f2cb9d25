import { describe, expect, test } from 'vitest'
import { bytesOf, clause, HELP, Stage } from './support.ts'

const MORE_HELP = ['  /me {action} - say what you do', '  /msg {name} {text} - whisper to a user']

test('a conversation, to the byte', () => {
  const stage = new Stage({ seed: 5 })
  const first = stage.connect()
  const second = stage.connect()
  const [firstName, secondName] = [first, second].map((client) => {
    const heard = stage.heard(client)
    const you = heard[HELP.length]?.replace('You are ', '') ?? ''
    expect(heard.slice(0, HELP.length + 2)).toEqual([...HELP, `You are ${you}`, 'You joined main'])
    return you
  })
  stage.say(first, 'hello', '/name ann')
  stage.say(second, '/join den', '/users', '/rooms', 'nobody here')
  stage.say(first, '/rooms', '/join den', 'hi')
  stage.say(second, '/quit')
  expect(stage.heard(first)).toEqual([
    `${firstName}: hello`,
    `${firstName} is now ann`,
    `${secondName} left`,
    'Rooms - den (1), main (1)',
    'You joined den',
    `Earlier - ${secondName}: nobody here`,
    'ann: hi',
    `${secondName} left`,
  ])
  expect(stage.heard(second)).toEqual([
    `${firstName}: hello`,
    `${firstName} is now ann`,
    'You joined den',
    `Users - ${secondName}`,
    'Rooms - den (1), main (1)',
    `${secondName}: nobody here`,
    'ann joined',
    'ann: hi',
  ])
  expect(stage.closed(second)).toBe('quit')
})

describe('C1 Wire', () => {
  clause('C1.4', 'closes the connection', 'quietly; what came before in the same chunk counts', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.receive(ann, Uint8Array.from([...bytesOf('hi\n'), 0xc0, ...bytesOf('\nlost\n')]))
    expect(stage.heard(ann)).toEqual(['bob joined', 'ann: hi'].slice(1))
    expect(stage.heard(bob)).toEqual(['ann: hi', 'ann left'])
    expect(stage.closed(ann)).toBe('invalid-utf8')
  })

  clause('C1.3', 'the connection stays', 'and hears of it once', () => {
    const stage = new Stage()
    const ann = stage.join('ann')
    stage.say(ann, 'a'.repeat(10_000), 'hi')
    expect(stage.heard(ann)).toEqual(['Messages can only be 400 chars long', 'ann: hi'])
  })

  clause('C1.6', '^C and ^D end the connection', 'like /quit', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.receive(ann, Uint8Array.of(255, 244, 255, 253, 6))
    expect(stage.heard(bob)).toEqual(['ann left'])
    expect(stage.closed(ann)).toBe('interrupt')
  })
})

describe('C2 Names', () => {
  clause('C2.3', 'the old name is free at once', 'for the next one in the same step', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.say(ann, '/name cat')
    stage.say(bob, '/name ann', '/users')
    expect(stage.heard(bob)).toEqual(['ann is now cat', 'bob is now ann', 'Users - ann, cat'])
    stage.say(ann, 'me')
    expect(stage.heard(bob)).toEqual(['cat: me'])
  })

  clause('C2.4', 'A name that somebody has', "one's own among them, and names that are none", () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob', 'den')]
    stage.say(
      bob,
      '/name ann',
      '/name bob',
      '/name',
      '/name x',
      `/name ${'x'.repeat(21)}`,
      '/name a:b',
      '/name Ann rest',
    )
    expect(stage.heard(bob)).toEqual([
      'ann is already taken',
      'bob is already taken',
      ...Array.from({ length: 4 }, () => 'Name must be 2 - 20 alphanumeric chars'),
      'bob is now Ann',
    ])
    expect(stage.heard(ann)).toEqual([])
  })

  clause('C2.5', 'free as soon as its owner', 'quits, disconnects, is closed', () => {
    for (const end of ['quit', 'disconnect', 'close'] as const) {
      const stage = new Stage()
      const ann = stage.join('ann')
      if (end === 'disconnect') stage.disconnect(ann)
      else stage.receive(ann, end === 'quit' ? bytesOf('/quit\n') : Uint8Array.of(0xc0))
      const other = stage.join('ann')
      stage.say(other, '/users')
      expect(stage.heard(other), end).toEqual(['Users - ann'])
      if (end !== 'disconnect') stage.disconnect(ann)
      stage.say(other, '/users')
      expect(stage.heard(other), `${end}, then disconnected`).toEqual(['Users - ann'])
    }
  })

  clause('C2.1', 'that is free', 'a name that somebody has chosen is left out', () => {
    const probe = new Stage({ seed: 9 })
    const names = [1, 2].map(() =>
      probe
        .heard(probe.connect())
        .find((line) => line.startsWith('You are'))
        ?.slice(8),
    )
    const stage = new Stage({ seed: 9 })
    stage.say(stage.connect(), `/name ${names[1]}`)
    const next = stage.connect()
    expect(stage.heard(next)).not.toContain(`You are ${names[1]}`)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is a name and a room like any other',
    (word) => {
      const stage = new Stage()
      const ann = stage.join('ann')
      stage.say(ann, `/msg ${word} hi`, `/name ${word}`, `/join ${word}`, '/rooms', '/users', 'hi', `/msg ${word} hi`)
      expect(stage.heard(ann)).toEqual([
        `${word} is not connected`,
        `ann is now ${word}`,
        `You joined ${word}`,
        `Rooms - ${word} (1)`,
        `Users - ${word}`,
        `${word}: hi`,
        `${word} whispers: hi`,
        `You whisper to ${word}: hi`,
      ])
    },
  )
})

describe('C3 Rooms', () => {
  clause('C3.3', 'and to nobody else', 'the sender too, other rooms not', () => {
    const stage = new Stage()
    const [ann, bob, cat] = [stage.join('ann'), stage.join('bob'), stage.join('cat', 'den')]
    stage.say(ann, 'hi', '', '  two  blanks ', '/', '//')
    const said = ['ann: hi', 'ann: ', 'ann:   two  blanks ']
    expect(stage.heard(bob)).toEqual(said)
    expect(stage.heard(ann)).toEqual([
      ...said,
      'Unrecognized command /, try /help',
      'Unrecognized command //, try /help',
    ])
    expect(stage.heard(cat)).toEqual([])
  })

  clause('C3.4', 'leaves one room and joins the other', 'each told what concerns it, in one step', () => {
    const stage = new Stage()
    const [ann, bob, cat] = [stage.join('ann'), stage.join('bob'), stage.join('cat', 'den')]
    stage.say(ann, '/join den', '/join den', '/join', '/join é9', '/users')
    expect(stage.heard(ann)).toEqual([
      'You joined den',
      'You are in den',
      'Room must be 2 - 20 alphanumeric chars',
      'Room must be 2 - 20 alphanumeric chars',
      'Users - ann, cat',
    ])
    expect(stage.heard(bob)).toEqual(['ann left'])
    expect(stage.heard(cat)).toEqual(['ann joined'])
  })

  clause('C3.2', 'exists exactly as long as somebody is in it', 'main too', () => {
    const stage = new Stage()
    const ann = stage.join('ann')
    stage.say(ann, 'hi', '/join den', '/rooms', '/join main', '/rooms')
    expect(stage.heard(ann)).toEqual([
      'ann: hi',
      'You joined den',
      'Rooms - den (1)',
      'You joined main',
      'Rooms - main (1)',
    ])
  })

  clause('C3.5', 'the latest lines', 'what was said and done, at most as many as the option says', () => {
    const stage = new Stage({ historyLines: 2 })
    const ann = stage.join('ann')
    stage.say(ann, 'one', 'two', '/me waves', '/users', '/name Ann')
    const bob = stage.connect()
    expect(stage.heard(bob).slice(-3)).toEqual(['You joined main', 'Earlier - ann: two', 'Earlier - * ann waves'])
    const silent = new Stage({ historyLines: 0 })
    silent.say(silent.join('ann'), 'one')
    expect(silent.heard(silent.connect()).at(-1)).toBe('You joined main')
  })
})

describe('C4 Commands', () => {
  test('C4.1 "/help": with the commands that the greeting leaves out', () => {
    const stage = new Stage()
    const ann = stage.join('ann')
    stage.say(ann, '/help', '/help me')
    expect(stage.heard(ann)).toEqual([...HELP, ...MORE_HELP, ...HELP, ...MORE_HELP])
  })

  clause('C4.2', 'The first word', 'whole, whatever blanks there are', () => {
    const stage = new Stage()
    const ann = stage.join('ann')
    stage.say(ann, '/helpme', '/HELP', '/é x', ' /users', '/users\t', '/users x', '/name\t \tann2  x')
    expect(stage.heard(ann)).toEqual([
      'Unrecognized command /helpme, try /help',
      'Unrecognized command /HELP, try /help',
      'Unrecognized command /é, try /help',
      'ann:  /users',
      'Users - ann',
      'Users - ann',
      'ann is now ann2',
    ])
  })

  clause('C4.3', 'by how many are in it, then by name', 'rooms; and users by name', () => {
    const stage = new Stage()
    const ann = stage.join('ann', 'room-b')
    for (const [name, room] of [['Zoe', 'room-a'], ['_x', 'room-c'], ['bob', 'room-c'], ['-y', 'room-c']] as const) stage.join(name, room) // prettier-ignore
    stage.say(ann, '/rooms', '/join room-c', '/users')
    expect(stage.heard(ann)).toEqual([
      'Rooms - room-c (3), room-a (1), room-b (1)',
      'You joined room-c',
      'Users - -y, _x, ann, bob',
    ])
  })

  clause('C4.4', 'closes the connection', 'and nothing behind it counts, in its chunk or after', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.receive(ann, bytesOf('bye\n/quit now\nlost\n'))
    stage.chat.received(ann, bytesOf('lost too\n'), stage)
    stage.disconnect(ann)
    expect(stage.heard(bob)).toEqual(['ann: bye', 'ann left'])
    expect(stage.heard(ann)).toEqual(['ann: bye'])
  })

  clause('C4.4', 'closes the connection', 'whatever blank follows the word', () => {
    for (const rest of ['', ' now', '\tnow', '\u00a0now', '\u2003']) {
      const stage = new Stage()
      const ann = stage.join('ann')
      stage.say(ann, `/quit${rest}`)
      expect(stage.closed(ann), JSON.stringify(rest)).toBe('quit')
    }
  })

  clause('C4.5', '* {name} {action}', 'to the whole room; nothing is no action', () => {
    const stage = new Stage()
    const [ann, bob] = [stage.join('ann'), stage.join('bob')]
    stage.say(ann, '/me waves  twice', '/me', '/me  ')
    expect(stage.heard(bob)).toEqual(['* ann waves  twice'])
    expect(stage.heard(ann)).toEqual(['* ann waves  twice', 'Nothing to say, try /help', 'Nothing to say, try /help'])
  })

  clause('C4.6', 'to that member alone, whatever room', 'and what the sender hears', () => {
    const stage = new Stage()
    const [ann, bob, cat] = [stage.join('ann'), stage.join('bob', 'den'), stage.join('cat')]
    stage.say(ann, '/msg bob hi  there', '/msg eve hi', '/msg bob', '/msg', '/msg e hi')
    expect(stage.heard(bob)).toEqual(['ann whispers: hi  there'])
    expect(stage.heard(cat)).toEqual([])
    expect(stage.heard(ann)).toEqual([
      'You whisper to bob: hi  there',
      'eve is not connected',
      'Nothing to say, try /help',
      'Name must be 2 - 20 alphanumeric chars',
      'Name must be 2 - 20 alphanumeric chars',
    ])
  })
})

describe('what an operator sees', () => {
  test('members by their roles, rooms, and lines: each once, whoever heard it', () => {
    const stage = new Stage({}, { offerBytesMax: 100 })
    const ann = stage.join('ann')
    const web = stage.connect('web')
    stage.say(web, '/name bob', '/join den')
    expect([stage.chat.members, stage.chat.rooms]).toEqual([{ client: 1, web: 1 }, 2])
    const cat = stage.join('cat')
    stage.say(ann, 'one', '/me two', '/msg bob not to a room', '/users')
    expect([stage.chat.members, stage.chat.linesSaid]).toEqual([{ client: 2, web: 1 }, 2])
    stage.stall(cat)
    for (let count = 0; count < 12; count++) stage.say(ann, 'aaaaa')
    expect(stage.chat.linesMissed, 'not told yet').toBe(0)
    stage.readsAgain(cat)
    expect([stage.chat.linesSaid, stage.chat.linesMissed]).toEqual([14, 3])
    stage.stall(cat)
    for (let count = 0; count < 13; count++) stage.say(ann, 'aaaaa')
    stage.read(cat)
    stage.say(cat, '/users')
    expect(stage.chat.linesMissed, 'told before an answer').toBe(7)
    stage.disconnect(web)
    expect([stage.chat.members, stage.chat.rooms]).toEqual([{ client: 2 }, 1])
  })

  test('a log of who comes to a room, leaves it and is renamed, and not of what is said', () => {
    const log: unknown[] = []
    const stage = new Stage({ seed: 7, log: (what, fields) => log.push([what, fields]) })
    const ann = stage.connect('web')
    stage.say(ann, 'hi', '/name ann', '/name ann', '/join den', '/join den', '/quit')
    expect(log).toEqual([
      ['joined', { client: ann, name: 'LavishMerlin', room: 'main', role: 'web' }],
      ['renamed', { client: ann, from: 'LavishMerlin', name: 'ann' }],
      ['left', { client: ann, name: 'ann', room: 'main' }],
      ['joined', { client: ann, name: 'ann', room: 'den', role: 'web' }],
      ['left', { client: ann, name: 'ann', room: 'den' }],
    ])
  })
})
