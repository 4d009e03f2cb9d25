// The last lines of a CI run, from the result file that each package's run leaves: the cases that failed, each with why,
// and the test cases of all packages.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const counts = { passed: 0, failed: 0, pending: 0 }
for (const path of results(root)) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(path, 'utf8'),
  )
  counts.passed += numPassedTests
  counts.failed += numFailedTests
  counts.pending += numPendingTests + numTodoTests
  for (const file of testResults) tellFailures(file)
}
const skipped = counts.pending > 0 ? `, ${counts.pending} skipped` : ''
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exitCode = counts.passed === 0 || counts.failed > 0 ? 1 : 0

function tellFailures({ name, message, assertionResults }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed')
  for (const { fullName, failureMessages } of failed) {
    console.log(`failed: ${relative(root, name)}: ${fullName}\n${failureMessages.join('\n')}\n`)
  }
  if (failed.length === 0 && message !== '') console.log(`failed: ${relative(root, name)}\n${message}\n`)
}

function* results(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* results(path)
    else if (entry.name === 'test-results.json') yield path
  }
}
