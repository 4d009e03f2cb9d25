/**
 * Programs that people have, in one room: nc, telnet, three terminals in tmux and the page in Chromium. After every step, all that each of
 * them shows since it joined is compared with what the clauses say it was sent.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support.ts'
import { launch, open } from './browser.ts'
import { ChatServer } from './chat-server.ts'

const BIN = join(root, 'cli/bin/switchyard.js')
const HISTORY_LINES = 10
const JOINED = 'You joined tea'
const TOOLS = ['nc', 'telnet', 'tmux', 'chromium']

/** In the name of the test, so that a run without them says what it did not try. */
const missing = TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0)
const skipped = missing.length === 0 ? '' : ` (SKIPPED: no ${missing.join(', no ')} here)`

/** One program, and what is to be seen on it. */
interface Program {
  readonly name: string
  say(text: string): Promise<void>
  /** Every line that it shows, oldest first. */
  shown(): Promise<readonly string[]>
}

it.skipIf(missing.length > 0)(
  `nc, telnet, three terminals and the page rename, whisper, quit, are cut off and come back${skipped}`,
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-one-room-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    let server = await ChatServer.start(0, 0)
    onTestFinished(() => server.end())
    const browser = await launch()
    onTestFinished(() => browser.close())
    const tmux = new Tmux(folder)
    onTestFinished(() => tmux.end())

    const { port, web } = server
    const origin = `http://127.0.0.1:${web}`
    const { page, complaints } = await open(browser, origin, origin)
    await page.getByText('You joined main').waitFor()
    const room = new Room()
    const log = join(folder, 'ann.log')
    const client = (name: string, ...flags: readonly string[]): string =>
      [process.execPath, BIN, 'chat', port, '--name', name, '--room', 'tea', ...flags].join(' ')
    const telnetInto = (file: string): string => `telnet 127.0.0.1 ${port} > ${file}`

    const cat = await room.enter(new Netcat('Cat', port))
    const ann = await room.enter(new Terminal('Ann', tmux, client('Ann', '--log', log)))
    const bob = await room.enter(new Terminal('Bob', tmux, client('Bob')))
    const cyd = await room.enter(new Terminal('Cyd', tmux, client('Cyd')))
    const tel = await room.enter(new Telnet('Tel', tmux, telnetInto, folder))
    const onPage = await room.enter(new OnPage('Web', page))
    await room.says(cat, 'hello, é😀')
    await room.says(ann, 'hello')
    await room.says(bob, 'hello, \\ "quoted" $HOME')
    await room.says(cyd, 'y'.repeat(200))
    await tel.negotiates('do echo', 'will naws', 'do binary', 'ayt', 'nop')
    await room.says(tel, 'hello after all that')
    await room.says(onPage, '<b>hello</b>')

    await tel.say('/name Tom')
    await room.hears('Tel is now Tom')
    await room.whispers(onPage, ann, 'psst')
    await room.whispers(ann, tel, 'pst', 'Tom')
    await cyd.say('/me waves')
    await room.hears('* Cyd waves', { remembered: true })
    await cat.say('/users')
    await room.hears('Users - Ann, Bob, Cat, Cyd, Tom, Web', { by: [cat] })

    // They leave in four ways: ^C, telnet's ^C, killed, and /quit.
    bob.press('C-c')
    await room.leaves(bob, 'Bob')
    tel.press('C-c')
    await room.leaves(tel, 'Tom')
    cat.kill()
    await room.leaves(cat, 'Cat')
    await onPage.say('/quit')
    await room.leaves(onPage, 'Web')
    await page.getByText('You have left.').waitFor()
    await room.says(ann, 'who is left?')
    await room.enter(new Terminal('Bob', tmux, client('Bob')))
    await page.getByRole('button', { name: 'Connect again' }).click()
    await room.comesBack(onPage)
    const telnet = await room.enter(new Telnet('Tel', tmux, telnetInto, folder))
    const netcat = await room.enter(new Netcat('Cat', port))
    await room.says(netcat, 'all are back')

    // The server dies, and everybody's program says so.
    await server.end()
    await page.getByText('Cut off. Trying again').waitFor()
    await netcat.close()
    await tmux.shows(telnet.pane, /Connection closed by foreign host/)
    await tmux.shows(ann.pane, /^The server has closed the connection\.$/m)
    server = await ChatServer.start(port, web)
    const anew = new Room()
    await anew.comesBack(onPage)
    const dee = await anew.enter(new Terminal('Dee', tmux, client('Dee')))
    await anew.says(dee, 'a new server')
    await anew.says(onPage, 'and the old page')
    await server.end('SIGTERM')
    await anew.hears('Server is shutting down, bye!')
    expect(complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
    expect(readFileSync(log, 'utf8')).toMatch(/^\d{4}-\S+Z Cat: hello, é😀$/m)
  },
)

/** What the room's members are to have been sent since they joined it: lines one at a time, each seen by all before the next is said. */
class Room {
  readonly #sent = new Map<Program, string[]>()
  readonly #history: string[] = []

  get members(): readonly Program[] {
    return [...this.#sent.keys()]
  }

  /** A program that is there, and is not in the room yet. */
  async enter<P extends Program>(program: P): Promise<P> {
    if (!(program instanceof Terminal)) {
      await program.say(`/name ${program.name}`)
      await program.say('/join tea')
    }
    await this.comesBack(program)
    return program
  }

  /** Joins by itself. */
  async comesBack(program: Program): Promise<void> {
    const before = this.members
    this.#sent.set(program, [JOINED, ...this.#history.map((line) => `Earlier - ${line}`)])
    await this.hears(`${program.name} joined`, { by: before })
  }

  async says(program: Program, text: string): Promise<void> {
    await program.say(text)
    await this.hears(`${program.name}: ${text}`, { remembered: true })
  }

  async leaves(program: Program, name: string): Promise<void> {
    this.#sent.delete(program)
    await this.hears(`${name} left`)
  }

  async whispers(from: Program, to: Program, text: string, name = to.name): Promise<void> {
    await from.say(`/msg ${name} ${text}`)
    this.#sent.get(from)?.push(`You whisper to ${name}: ${text}`)
    await this.hears(`${from.name} whispers: ${text}`, { by: [to] })
  }

  /** Settles when every member shows what it was sent, with this line as the last of some. */
  async hears(line: string, { by = this.members, remembered = false } = {}): Promise<void> {
    for (const member of by) this.#sent.get(member)?.push(line)
    if (remembered && this.#history.push(line) > HISTORY_LINES) this.#history.shift()
    for (const [program, sent] of this.#sent) {
      const since = async (): Promise<readonly string[]> => {
        const shown = await program.shown()
        return shown.slice(shown.lastIndexOf(JOINED))
      }
      await expect.poll(since, { timeout: 10_000, interval: 20, message: `${program.name}, at: ${line}` }).toEqual(sent)
    }
  }
}

class Netcat implements Program {
  readonly name: string
  readonly #ended: Promise<unknown>
  readonly #child
  #heard = ''

  constructor(name: string, port: number) {
    this.name = name
    this.#child = spawn('nc', ['127.0.0.1', `${port}`], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.#heard += chunk))
    this.#ended = once(this.#child, 'close')
  }

  async say(text: string): Promise<void> {
    this.#child.stdin.write(`${text}\n`)
  }

  async shown(): Promise<readonly string[]> {
    return this.#heard.split('\n').slice(0, -1)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Once the server has closed, nc still waits for the end of its input. */
  async close(): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
  }
}

/** A server of tmux's own, whose windows are as wide as no line is. */
class Tmux {
  readonly #socket: string
  #windows = 0

  constructor(folder: string) {
    this.#socket = join(folder, 'tmux')
  }

  /** Runs a command in a window of its own; returns its target. */
  run(command: string): string {
    if (this.#windows === 0) {
      this.#ask('new-session', '-d', '-x', '300', '-y', '50', 'cat')
      this.#ask('set-option', '-g', 'remain-on-exit', 'on')
    }
    this.#windows++
    return this.#ask('new-window', '-d', '-P', '-F', '#{pane_id}', command).trim()
  }

  /** Keys by their names, or with `-l` a text as it stands. */
  press(pane: string, ...keys: readonly string[]): void {
    this.#ask('send-keys', '-t', pane, ...keys)
  }

  lines(pane: string): readonly string[] {
    return this.#ask('capture-pane', '-p', '-J', '-S', '-', '-t', pane)
      .split('\n')
      .map((line) => line.trimEnd())
  }

  shows(pane: string, what: RegExp): Promise<void> {
    return expect.poll(() => this.lines(pane).join('\n'), { timeout: 10_000, interval: 20 }).toMatch(what)
  }

  end(): void {
    if (this.#windows > 0) this.#ask('kill-server')
  }

  #ask(...args: readonly string[]): string {
    return execFileSync('tmux', ['-u', '-S', this.#socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  }
}

/** `switchyard chat`, which joins by its flags. */
class Terminal implements Program {
  readonly name: string
  readonly pane: string
  readonly #tmux: Tmux

  constructor(name: string, tmux: Tmux, command: string) {
    this.name = name
    this.#tmux = tmux
    this.pane = tmux.run(command)
  }

  async say(text: string): Promise<void> {
    this.#tmux.press(this.pane, '-l', text)
    this.#tmux.press(this.pane, 'Enter')
  }

  /** Without the prompt, and without what is said about its end. */
  async shown(): Promise<readonly string[]> {
    const other = /^(?:$|\w+@\w+>|The server has closed the connection\.$|Pane is dead)/
    return this.#tmux.lines(this.pane).filter((line) => !other.test(line))
  }

  press(key: string): void {
    this.#tmux.press(this.pane, key)
  }
}

/** telnet on a terminal, since only there it negotiates; what it shows goes into a file, apart from the terminal's echo of what is typed. */
class Telnet implements Program {
  readonly name: string
  readonly pane: string
  readonly #tmux: Tmux
  readonly #file: string

  constructor(name: string, tmux: Tmux, command: (file: string) => string, folder: string) {
    this.name = name
    this.#tmux = tmux
    this.#file = join(mkdtempSync(join(folder, 'telnet-')), 'shown')
    this.pane = tmux.run(command(this.#file))
  }

  async say(text: string): Promise<void> {
    this.#tmux.press(this.pane, '-l', text)
    this.#tmux.press(this.pane, 'Enter')
  }

  async shown(): Promise<readonly string[]> {
    return readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)
  }

  press(key: string): void {
    this.#tmux.press(this.pane, key)
  }

  /** Has it send options and commands (RFC 854) by its own prompt. If it said these words instead, everybody would hear them. */
  async negotiates(...what: readonly string[]): Promise<void> {
    for (const words of what) {
      this.#tmux.press(this.pane, 'C-]')
      await this.say(`send ${words}`)
    }
  }
}

class OnPage implements Program {
  readonly name: string
  readonly #page: Page

  constructor(name: string, page: Page) {
    this.name = name
    this.#page = page
  }

  async say(text: string): Promise<void> {
    await this.#page.getByLabel('Say something').fill(text)
    await this.#page.getByRole('button', { name: 'Say' }).click()
  }

  shown(): Promise<readonly string[]> {
    return this.#page.getByRole('log').locator('p').allTextContents()
  }
}
