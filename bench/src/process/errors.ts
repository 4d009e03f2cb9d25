/** Which of the two processes of a measurement failed. */
export type FailedPart = 'server-failed' | 'load-failed'

/** A measurement came to nothing. The message says what happened, in a sentence for whoever asked for the figures. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
  readonly code: FailedPart

  constructor(code: FailedPart, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
