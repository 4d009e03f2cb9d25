/** What a reader chose, kept in this browser and nowhere else. Where nothing can be kept, the page works without. */
const PREFIX = 'switchyard:'

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`${PREFIX}${key}`, value)
  } catch {
    // Private windows may refuse.
  }
}

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`${PREFIX}${key}`) ?? undefined
  } catch {
    return undefined
  }
}
