// Grades a folder of hand-ins, a directory for each student: `npm run grade -- FOLDER [--json] [--seconds N] [-- options of verify]`.
// In each stands `serve`, a shell script that starts the server on the port that is its first argument. What is handed in runs with
// your rights: do this where it can harm nothing (docs/teach/index.md).
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const SWITCHYARD = fileURLToPath(new URL('../cli/bin/switchyard.js', import.meta.url))
const EXIT = { passed: 0, failed: 1, undecided: 2, misuse: 3 }
const USAGE = 'usage: npm run grade -- FOLDER [--json] [--seconds N] [-- options of switchyard verify]'
/** How long the command may take to end the server, once it was told to, ms. */
const ENDING_MS = 10_000

const { folder, json, seconds, options } = asked()
let interrupted = false
let judging
process.on('SIGINT', () => {
  interrupted = true
  judging?.kill('SIGINT')
})

const students = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory())
if (students.length === 0) misuse(`${folder} has no directories: there must be one for each student`)
const grades = []
for (const student of students.toSorted()) {
  if (interrupted) break
  grades.push(await grade(student))
  if (!json) process.stderr.write(`${student}: ${grades.at(-1).verdict}\n`)
}
process.stdout.write(json ? `${JSON.stringify(grades, undefined, 2)}\n` : table(grades))
process.exitCode = exitCode()

/** One after the other: two servers at once would disturb each other's times. */
async function grade(student) {
  const began = performance.now()
  const after = () => Math.round((performance.now() - began) / 1000)
  const none = (remark) => ({
    student,
    verdict: 'undecided',
    points: 0,
    passed: 0,
    judged: 0,
    remark,
    seconds: after(),
  })
  const home = join(folder, student)
  if (!existsSync(join(home, 'serve'))) return none('there is no file `serve`')
  const command = `cd ${quoted(home)} && exec sh serve {port}`
  const { stdout, stderr, late } = await judged(command)
  if (late) return none(`no verdict within ${seconds} s: it hangs, or waits for something`)
  if (interrupted) return none('interrupted')
  const [report] = parsed(stdout)
  if (!report) return none(lastLine(stderr))
  if (report.overall === 'undecided') return none(lastLine(report.summary).replace(command, 'it'))
  const counted = report.results.filter(({ verdict }) => verdict !== 'not-applicable')
  const passed = counted.filter(({ verdict }) => verdict === 'passed').length
  return {
    student,
    verdict: report.overall,
    points: Math.floor((100 * passed) / counted.length),
    passed,
    judged: counted.length,
    remark:
      report.overall === 'passed' ? '' : (report.causes[0]?.title ?? lastLine(report.summary).replace(command, 'it')),
    seconds: after(),
  }
}

/** What `switchyard verify --json` says of the server. `late`: it was told to end, since it took too long. */
async function judged(command) {
  let late = false
  judging = spawn(process.execPath, [SWITCHYARD, 'verify', '--exec', command, '--json', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ending = setTimeout(() => {
    late = true
    judging.kill('SIGINT')
  }, seconds * 1000)
  const killing = setTimeout(() => judging.kill('SIGKILL'), seconds * 1000 + ENDING_MS)
  const [stdout, stderr] = await Promise.all([text(judging.stdout), text(judging.stderr)])
  clearTimeout(ending)
  clearTimeout(killing)
  return { stdout, stderr, late }
}

function table(rows) {
  const cells = rows.map((row) => [
    row.student,
    row.verdict,
    `${row.points}`,
    `${row.passed} of ${row.judged}`,
    `${row.seconds} s`,
    row.remark,
  ])
  const all = [['student', 'verdict', 'points', 'cases', 'took', 'what to mend first'], ...cells]
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)))
  return all
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function exitCode() {
  const verdicts = grades.map(({ verdict }) => verdict)
  if (interrupted || verdicts.includes('undecided')) return EXIT.undecided
  return verdicts.includes('failed') ? EXIT.failed : EXIT.passed
}

function asked() {
  const args = process.argv.slice(2)
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  try {
    const { values, positionals } = parseArgs({
      args: own,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '180' } },
    })
    const [given, ...more] = positionals
    const limit = Number(values.seconds)
    if (given === undefined || more.length > 0) misuse(USAGE)
    if (!(limit >= 1 && limit <= 3600)) misuse(`--seconds is ${values.seconds}: it must be a number from 1 to 3600`)
    const home = resolve(given)
    if (!existsSync(home) || !statSync(home).isDirectory()) misuse(`${given} is no folder`)
    const rest = end < 0 ? ['--profile', 'basic'] : args.slice(end + 1)
    return { folder: home, json: values.json, seconds: limit, options: rest }
  } catch (error) {
    misuse(`${error.message}\n${USAGE}`)
  }
}

function parsed(stdout) {
  try {
    return JSON.parse(stdout)
  } catch {
    return [] // The command was ended, or not understood; it says why elsewhere.
  }
}

function quoted(path) {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`
}

/** The last line of what somebody says is the most exact: where a server died, its own last word. */
function lastLine(words) {
  return words.trim().split('\n').at(-1).trim() || 'no report'
}

function misuse(why) {
  process.stderr.write(`${why}\n`)
  process.exit(EXIT.misuse)
}
