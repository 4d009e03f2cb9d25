/** The value of the field that an event comes from. Throws TypeError where it comes from none. */
export function valueOf({ target }: Event): string {
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return target.value
  throw new TypeError('this event comes from no field')
}
