import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { included } from '../src/site/included.ts'
import { marking } from '../src/site/marking.ts'
import { sidebar } from '../src/site/sidebar.ts'
import { rerouted } from '../src/site/rerouted.ts'

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** As part of each page it needs no path. */
const icon = `data:image/svg+xml,${encodeURIComponent(readFileSync(here('public/mark.svg'), 'utf8'))}`

/** `using` is compiled; the two symbols that it needs are not in every browser. */
const symbols = ['dispose', 'asyncDispose'].map((name) => `Symbol.${name}??=Symbol.for('Symbol.${name}');`).join('')

/** For a host where it does not lie at the root: `npm run docs:build -- --base /courses/switchyard/`. */
export default defineConfig({
  title: 'Switchyard',
  description: 'Five ways to share state in a concurrent server, with the real code, live',
  lang: 'en',
  cleanUrls: false,
  lastUpdated: false,
  srcExclude: ['src/**', 'test/**', 'node_modules/**', '**/README.md'],
  head: [
    ['link', { rel: 'icon', href: icon, type: 'image/svg+xml' }],
    ['script', {}, symbols],
  ],
  markdown: {
    config(md) {
      included(md, here('..'))
      rerouted(md)
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    logo: '/mark.svg',
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Learn', link: '/chapters/the-protocol', activeMatch: '/chapters/' },
      { text: 'Try', link: '/lab' },
      { text: 'Choose', link: '/decide' },
      { text: 'Teach', link: '/teach/', activeMatch: '/teach/' },
      { text: 'Guides', link: '/judge-your-own-server', activeMatch: '/(?:guides/|judge-your)' },
      { text: 'Reference', link: '/reference/guarantees', activeMatch: '/reference/' },
    ],
    sidebar: sidebar((page) => existsSync(here(`${page}.md`))),
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: true,
  },
  vite: {
    plugins: [marking(here('src/stage/lines.ts'))],
    resolve: {
      conditions: ['@switchyard/source'],
      alias: [
        { find: /^node:stream$/, replacement: 'readable-stream' },
        { find: /^node:buffer$/, replacement: 'buffer' },
        { find: /^node:events$/, replacement: 'events' },
        { find: /^process\/$/, replacement: here('src/site/process.ts') },
      ],
    },
    ssr: { resolve: { conditions: ['@switchyard/source'] }, noExternal: [/^@switchyard\//] },
    esbuild: { target: 'es2022' },
    build: { target: 'es2022', chunkSizeWarningLimit: 900 },
    worker: { format: 'es' },
    optimizeDeps: {
      include: ['rxjs', 'async-mutex', 'readable-stream', 'buffer', 'events'],
      esbuildOptions: { target: 'es2022' },
    },
  },
})
