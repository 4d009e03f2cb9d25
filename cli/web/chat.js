// The page's client: the same lines as over TCP, through a WebSocket. Everything that comes is put in as text, never as markup.
const LINES_MAX = 1000
const RETRY_MS = [1000, 2000, 5000, 15_000, 30_000]

const NAME = '([A-Za-z0-9_-]{2,20})'
const SAID = new RegExp(`^${NAME}: (.*)$`, 's')
const WHISPER = new RegExp(`^(?:${NAME} whispers|You whisper to ${NAME}): `)
const OWN_NAME = new RegExp(`^You are ${NAME}$`)
const RENAMED = new RegExp(`^${NAME} is now ${NAME}$`)
const ENTERED = new RegExp(`^You joined ${NAME}$`)
const ALARM = /^(?:Server is |You are too fast|You have sent nothing|\d+ of your lines)/

const [log, form, line, place, again] = ['log', 'form', 'line', 'place', 'again'].map((id) =>
  document.getElementById(id),
)
const said = []
let back = 0
/** @type {string} */
let name = ''
/** @type {string} */
let room = ''
/** What this client was called and where it was, before it was cut off. */
let wanted = { name: '', room: '' }
let socket
let retries = 0
let leaving = false

function connect() {
  const url = new URL('chat', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  const decoder = new TextDecoder()
  let unfinished = ''
  socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  again.hidden = true
  socket.addEventListener('open', () => {
    retries = 0
    leaving = false
    if (wanted.name !== '') send(`/name ${wanted.name}`)
    if (wanted.room !== '' && wanted.room !== 'main') send(`/join ${wanted.room}`)
  })
  socket.addEventListener('message', ({ data }) => {
    const lines = (unfinished + decoder.decode(data, { stream: true })).split('\n')
    unfinished = lines.pop()
    for (const text of lines) hear(text)
  })
  socket.addEventListener('close', () => {
    if (name !== '') wanted = { name, room }
    const delay = RETRY_MS[Math.min(retries++, RETRY_MS.length - 1)]
    again.hidden = false
    place.textContent = leaving ? 'You have left.' : `Cut off. Trying again in ${delay / 1000} s …`
    if (leaving) return
    const attempt = socket
    setTimeout(() => socket === attempt && connect(), delay)
  })
}

function hear(text) {
  const own = OWN_NAME.exec(text)
  const renamed = RENAMED.exec(text)
  const entered = ENTERED.exec(text)
  if (own) name = own[1]
  if (renamed && renamed[1] === name) name = renamed[2]
  if (entered) room = entered[1]
  if (name !== '') place.textContent = ['You are', name, 'in', room].join(' ')
  show(text)
}

function show(text) {
  const item = document.createElement('p')
  const speech = SAID.exec(text)
  if (WHISPER.test(text)) item.className = 'whisper'
  else if (speech) {
    const speaker = document.createElement('b')
    speaker.textContent = speech[1]
    item.append(speaker)
  } else item.className = ALARM.test(text) ? 'alarm' : 'told'
  item.append(speech && !WHISPER.test(text) ? `: ${speech[2]}` : text)
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  log.append(item)
  if (log.childElementCount > LINES_MAX) log.firstElementChild.remove()
  if (atEnd) log.scrollTop = log.scrollHeight
}

function send(text) {
  socket.send(new TextEncoder().encode(`${text}\n`))
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = line.value
  if (text === '' || socket.readyState !== WebSocket.OPEN) return
  leaving = text.trim() === '/quit'
  send(text)
  said.push(text)
  back = 0
  line.value = ''
})

line.addEventListener('keydown', (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key]
  if (step === undefined || said.length === 0) return
  event.preventDefault()
  back = Math.max(0, Math.min(said.length, back + step))
  line.value = back === 0 ? '' : said[said.length - back]
})

again.addEventListener('click', () => {
  retries = 0
  connect()
  line.focus()
})

connect()
line.focus()
