/** What Vite makes of it: the texts of the files that match, by path. */
interface ImportMeta {
  glob(
    pattern: string | readonly string[],
    options: { query: '?raw'; import: 'default'; eager: true },
  ): Readonly<Record<string, string>>
  /** Each is loaded when it is asked for. */
  glob(
    pattern: string | readonly string[],
    options: { query: '?raw'; import: 'default' },
  ): Readonly<Record<string, () => Promise<string>>>
}
