import type { FanOut } from './fan-out.ts'

/** One to many, by name: few who talk to many, many who talk to all, one large room, many small ones. */
export const FAN_OUTS: Readonly<Record<string, Omit<FanOut, 'warmupMs' | 'measureMs'>>> = {
  '1-to-1000': load(1, 1_000, 1, 16, 64),
  '50-to-50': load(1, 50, 50, 8, 800),
  '1-to-10000': load(1, 10_000, 1, 4, 16),
  '1000-rooms-of-10': load(1_000, 10, 1, 1, 2),
}

function load(groups: number, members: number, talkers: number, burstMessages: number, windowMessages: number) {
  return { groups, members, talkers, messageBytes: 50, burstMessages, windowMessages }
}
