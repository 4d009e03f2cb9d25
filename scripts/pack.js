// Packs every package that can be published: `npm run pack`, or `npm run pack -- FOLDER`. With these tarballs an empty folder needs
// no clone of this repository: `npm install FOLDER/*.tgz`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const [folder = 'tarballs', ...rest] = process.argv.slice(2)
if (rest.length > 0 || folder.startsWith('-')) {
  console.error('usage: npm run pack -- [FOLDER]')
  process.exit(3)
}
const destination = resolve(folder)
mkdirSync(destination, { recursive: true })
for (const name of readdirSync(destination)) if (name.endsWith('.tgz')) rmSync(join(destination, name))

const names = JSON.parse(npm('query', '.workspace')).flatMap(({ name, private: own }) => (own ? [] : [name]))
process.stdout.write(
  npm('pack', '--silent', '--pack-destination', destination, ...names.flatMap((name) => ['--workspace', name])),
)
console.error(`${names.length} packages are in ${destination}`)

function npm(...words) {
  return execFileSync('npm', words, { cwd: fileURLToPath(new URL('../', import.meta.url)), encoding: 'utf8' })
}
