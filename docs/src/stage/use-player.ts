import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { Player } from './player.ts'
import type { Lane, Script } from './player.ts'

export interface UsedPlayer {
  readonly lanes: ShallowRef<readonly Lane[]>
  readonly at: Ref<number>
  /** How many events of this moment are shown, if not all. */
  readonly events: Ref<number | undefined>
  readonly playing: Ref<boolean>
  readonly over: Ref<boolean>
  /** Something was asked for and is not shown yet. */
  readonly busy: Readonly<Ref<boolean>>
  readonly speed: Ref<number>
  /** What was wrong with the last script; empty if nothing was. */
  readonly problem: Ref<string>
  readonly script: ShallowRef<Script | undefined>
  /** Shows a script at a moment, paused; without one, at its beginning, or where a line's first message is sent. */
  load(script: Script, at?: number, events?: number): Promise<void>
  play(): void
  pause(): void
  step(): Promise<void>
  back(): Promise<void>
  seek(at: number): Promise<void>
  setPace(client: number, everyMs: number | 'never'): Promise<void>
  /** Calls `paint` for every picture of the screen's while the stage is in sight; answers with what ends that. */
  onPaint(paint: (elapsedMs: number) => void): () => void
  setVisible(visible: boolean): void
}

/** A tab that was in the background does not catch up. */
const ELAPSED_MS_MAX = 100

/** A player in a page: its clock is the screen's. */
export function usePlayer(): UsedPlayer {
  const lanes = shallowRef<readonly Lane[]>([])
  const script = shallowRef<Script>()
  const at = ref(0)
  const events = ref<number>()
  const playing = ref(false)
  const over = ref(false)
  const speed = ref(1)
  const problem = ref('')
  const asked = ref(0)
  const busy = computed(() => asked.value > 0)
  const paints = new Set<(elapsedMs: number) => void>()
  let player: Player | undefined
  let work: Promise<void> = Promise.resolve()
  let pending = 0
  let visible = false
  let request = 0
  let last = 0

  function show(): void {
    if (!player) return
    lanes.value = player.lanes
    at.value = player.at
    events.value = player.events
    over.value = player.over
    if (over.value) playing.value = false
  }

  /** One thing after the other: a player does not overlap itself. */
  function queue(job: () => Promise<void> | void): Promise<void> {
    pending++
    work = work
      .then(job)
      .then(show)
      .catch((error: unknown) => {
        problem.value = error instanceof Error ? error.message : String(error)
        playing.value = false
      })
      .finally(() => pending--)
    return work
  }

  function ask(job: () => Promise<void> | void): Promise<void> {
    asked.value++
    return queue(job).finally(() => asked.value--)
  }

  function tick(now: number): void {
    const elapsedMs = Math.min(now - last, ELAPSED_MS_MAX)
    last = now
    for (const paint of paints) paint(elapsedMs * speed.value)
    if (playing.value && pending === 0) void queue(() => player?.seek(player.at + elapsedMs * speed.value))
    request = visible ? requestAnimationFrame(tick) : 0
  }

  onBeforeUnmount(() => {
    visible = false
    cancelAnimationFrame(request)
  })

  return {
    lanes,
    at,
    events,
    playing,
    over,
    busy,
    speed,
    problem,
    script,
    load: (next, moment, shown) =>
      ask(async () => {
        problem.value = ''
        const loaded = new Player(next)
        if (moment === undefined) await loaded.begin()
        else await loaded.seek(moment, shown)
        player = loaded
        script.value = next
      }),
    play() {
      playing.value = !over.value
    },
    pause() {
      playing.value = false
    },
    step() {
      playing.value = false
      return ask(() => player?.step())
    },
    back() {
      playing.value = false
      return ask(() => player?.back())
    },
    seek: (moment) => ask(() => player?.seek(moment)),
    setPace: (client, everyMs) =>
      ask(async () => {
        player = await player?.withPace(client, everyMs)
        script.value = player?.script
      }),
    onPaint(paint) {
      paints.add(paint)
      return () => paints.delete(paint)
    },
    setVisible(next) {
      if (visible === next) return
      visible = next
      last = performance.now()
      if (visible) request = requestAnimationFrame(tick)
      else cancelAnimationFrame(request)
    },
  }
}
