import { marked, MARKED } from './marked.ts'

/** What Vite needs of a plugin here. */
interface Plugin {
  readonly name: string
  readonly enforce: 'pre'
  transform(code: string, id: string): { readonly code: string; readonly map: null } | undefined
}

/** Marks the server files; `collector` is the path of the module that hears of lines. */
export function marking(collector: string): Plugin {
  return {
    name: 'switchyard-marking',
    enforce: 'pre',
    transform(code, id) {
      const file = MARKED.exec(id)?.[1]
      if (file === undefined || file.endsWith('/index.ts')) return undefined
      return { code: marked(file, code, collector), map: null }
    },
  }
}
