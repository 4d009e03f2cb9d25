import { Random } from '@switchyard/core'
import type { Interval } from './bootstrap.ts'

/**
 * Gunther's Universal Scalability Law: the rate of n clients is
 *
 *     rate(n) = perClient n / (1 + contention (n - 1) + coherency n (n - 1))
 *
 * A server's contention is what only one can do at a time, its coherency what everybody must tell everybody.
 */
export interface Scalability {
  readonly perClient: Interval
  readonly contention: Interval
  readonly coherency: Interval
  /** The largest relative distance between the law and the mean of one number of clients. */
  readonly misfit: number
}

/** `not-fitted`: in a sentence, why the law says nothing here. */
export type ScalabilityFit =
  | { readonly state: 'fitted'; readonly law: Scalability }
  | { readonly state: 'not-fitted'; readonly why: string }

/** The rates measured at one number of clients, one of each block. */
export interface AtClients {
  readonly clients: number
  readonly rates: readonly number[]
}

const RESAMPLES = 1_000
const SEED = 95
/** The law has three constants: fewer numbers of clients than four can't contradict it. */
const POINTS_MIN = 4
/** A law that misses what was measured by more than this describes something else. */
const MISFIT_MAX = 0.15

/** Fits by least squares of the relative errors; intervals by drawing blocks with repetition. */
export function fitScalability(points: readonly AtClients[]): ScalabilityFit {
  const usable = points.filter(({ rates }) => rates.length >= 2)
  if (usable.length < POINTS_MIN) {
    return { state: 'not-fitted', why: `it takes ${POINTS_MIN} numbers of clients, and ${usable.length} were measured` }
  }
  const best = solve(usable)
  if (!best) return { state: 'not-fitted', why: 'the figures leave its constants open' }
  const random = new Random(SEED)
  const drawn = Array.from({ length: RESAMPLES }, () =>
    solve(
      usable.map(({ clients, rates }) => ({
        clients,
        rates: rates.map(() => rates[random.below(rates.length)]!),
      })),
    ),
  ).filter((constants) => constants !== undefined)
  const intervalOf = (pick: (constants: Constants) => number): Interval => {
    const sorted = drawn.map(pick).toSorted((a, b) => a - b)
    const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN
    return { value: pick(best), low: at(0.025), high: at(0.975) }
  }
  const law: Scalability = {
    perClient: intervalOf((constants) => constants.perClient),
    contention: intervalOf((constants) => constants.contention),
    coherency: intervalOf((constants) => constants.coherency),
    misfit: misfitOf(best, usable),
  }
  return verdictOn(law)
}

export function rateAt(clients: number, { perClient, contention, coherency }: Constants): number {
  return (perClient * clients) / (1 + contention * (clients - 1) + coherency * clients * (clients - 1))
}

interface Constants {
  readonly perClient: number
  readonly contention: number
  readonly coherency: number
}

function verdictOn(law: Scalability): ScalabilityFit {
  if (law.misfit > MISFIT_MAX) {
    return { state: 'not-fitted', why: `it misses what was measured by up to ${Math.round(100 * law.misfit)} %` }
  }
  if (law.contention.low < 0 || law.coherency.low < 0) {
    return { state: 'not-fitted', why: 'the intervals of its constants reach below 0, where they mean nothing' }
  }
  return { state: 'fitted', law }
}

/** n / rate(n) is linear in the constants' quotients, so weighted least squares have a closed form. */
function solve(points: readonly AtClients[]): Constants | undefined {
  const normal = [0, 1, 2].map(() => [0, 0, 0, 0])
  for (const { clients, rates } of points) {
    const terms = [1, clients - 1, clients * (clients - 1)]
    for (const rate of rates) {
      const y = clients / rate
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) normal[i]![j]! += (terms[i]! * terms[j]!) / (y * y)
        normal[i]![3]! += terms[i]! / y
      }
    }
  }
  const solved = eliminated(normal)
  if (!solved || !(solved[0]! > 0)) return undefined
  const [a = 1, b = 0, c = 0] = solved
  return { perClient: 1 / a, contention: b / a, coherency: c / a }
}

/** Gauss, with the largest pivot of each column, after scaling the columns: the last is a million times the first. */
function eliminated(matrix: readonly number[][]): number[] | undefined {
  const scale = [0, 1, 2].map((column) => Math.sqrt(matrix[column]![column]!) || 1)
  const rows = matrix.map((row, i) => [
    ...row.slice(0, 3).map((value, j) => value / scale[i]! / scale[j]!),
    row[3]! / scale[i]!,
  ])
  for (let column = 0; column < 3; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]!) > Math.abs(best[column]!) ? row : best))
    if (Math.abs(pivot[column]!) < 1e-12) return undefined
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(column, 0, pivot)
    for (const row of rows) {
      if (row === pivot) continue
      const factor = row[column]! / pivot[column]!
      for (let j = column; j < 4; j++) row[j]! -= factor * pivot[j]!
    }
  }
  return rows.map((row, i) => row[3]! / row[i]! / scale[i]!)
}

function misfitOf(constants: Constants, points: readonly AtClients[]): number {
  return Math.max(
    ...points.map(({ clients, rates }) => {
      const measured = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
      return Math.abs(rateAt(clients, constants) / measured - 1)
    }),
  )
}
