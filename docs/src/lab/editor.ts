/** Where the source of a server is edited. Loaded only by the page that has one. */
import { javascript } from '@codemirror/lang-javascript'
import { basicSetup, EditorView } from 'codemirror'

export class Editor {
  readonly #view: EditorView

  /** `changed` is called after every change. */
  constructor(parent: HTMLElement, text: string, changed: () => void) {
    this.#view = new EditorView({
      doc: text,
      parent,
      extensions: [
        basicSetup,
        javascript({ typescript: true }),
        EditorView.contentAttributes.of({ 'aria-label': 'The source of the server' }),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) changed()
        }),
      ],
    })
    this.#view.scrollDOM.tabIndex = 0 // It scrolls, so the keyboard must reach it.
  }

  get text(): string {
    return this.#view.state.doc.toString()
  }

  set text(text: string) {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } })
  }

  close(): void {
    this.#view.destroy()
  }
}
