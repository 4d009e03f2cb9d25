import { fileURLToPath } from 'node:url'
import { codePages } from '../src/site/repository.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export default {
  paths: () => codePages(root).map(({ path, content }) => ({ params: { path }, content })),
}
