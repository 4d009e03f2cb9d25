import type { Palette } from './drawing.ts'

const CLIENTS_MAX = 8

/** The colours of the theme that is shown, from its CSS. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const color = (name: string): string => style.getPropertyValue(`--stage-${name}`).trim()
  return {
    clients: Array.from({ length: CLIENTS_MAX }, (_, client) => color(`client-${client}`)),
    ink: color('ink'),
    faint: color('faint'),
    rail: color('rail'),
    server: color('server'),
    ice: color('ice'),
    alarm: color('alarm'),
    paper: color('paper'),
  }
}
