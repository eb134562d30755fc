/**
 * The runs of a server that lives for long: one a day (UTC), so that the end of yesterday's is known, and with it whether
 * all of it is there, while the server goes on.
 *
 * Rules: a record is written into one run and before its end; whoever writes at the turn is not refused for it. In a
 * write-ahead log one run ends before the next begins, for the newest record in it tells the next boot which run to end:
 * writers wait for that, two appends. In a store runs stand beside one another: there the next begins first, and nobody
 * waits. What fails is tried again at the next look; where there is no run because the next could not begin, whoever
 * writes tries first.
 */
import type {Recorder} from '../../ports/evidence-store.ts'
import type {Wait} from '../../ports/wait.ts'
import type {ServerRun} from './begin-server-run.ts'

export interface DailyRuns {
  /** Into the run of today. */
  readonly recorder: Recorder
  /** Id of the run that goes on. */
  runid(): string
  /** Ends the run, and begins another. Once, however many ask at the same time. @throws AppError `admission.log-*`, `store.*`, `record.*` */
  turn(): Promise<void>
  /** Ends what goes on; then nothing is taken any more. @throws the same */
  end(): Promise<void>
}

export interface DailyOptions {
  /** @param previous id of the run before */
  readonly begin: (previous: string) => Promise<ServerRun>
  /** May two of them be open at the same time? */
  readonly beside: boolean
}

interface Open {
  readonly run: ServerRun
  /** Writes that have begun. */
  busy: number
  whenIdle: (() => void)[]
}

export function dailyRuns(first: ServerRun, {begin, beside}: DailyOptions): DailyRuns {
  let last = first.runid
  let open: Open | undefined = opened(first)
  /** Refuses whatever comes after the end. */
  let closed = open
  /** Of which the end could not be written yet. */
  let unended: Open[] = []
  let turning: Promise<void> | undefined
  let hasEnded = false

  const begun = async (): Promise<Open> => {
    const run = await begin(last)
    last = run.runid
    return opened(run)
  }
  const endAll = async (): Promise<void> => {
    for (const one of unended) {
      // oxlint-disable-next-line no-await-in-loop -- one end after another
      await idle(one)
      // oxlint-disable-next-line no-await-in-loop -- the same
      await one.run.end()
      unended = unended.filter((each) => each !== one)
    }
  }
  const turnBeside = async (): Promise<void> => {
    const next = await begun()
    if (open !== undefined) unended.push(open)
    open = next
    await endAll()
  }
  const turnAfter = async (): Promise<void> => {
    if (open !== undefined) {
      await idle(open)
      await open.run.end()
      open = undefined
    }
    open = await begun()
  }
  const turn = async (): Promise<void> => {
    turning ??= (beside ? turnBeside() : turnAfter()).finally(() => void (turning = undefined))
    return turning
  }
  /** Another may have begun meanwhile. What became of it is its caller's to know. */
  const turned = async (): Promise<void> => {
    if (turning === undefined) return
    await turning.catch(() => undefined)
    await turned()
  }
  const within = async <T>(work: (recorder: Recorder) => Promise<T>): Promise<T> => {
    if (!beside) await turned()
    if (open === undefined && !hasEnded) await turn()
    const mine = open ?? closed
    mine.busy += 1
    try {
      return await work(mine.run.recorder)
    } finally {
      mine.busy -= 1
      if (mine.busy === 0) for (const tell of mine.whenIdle.splice(0)) tell()
    }
  }
  return {
    recorder: {
      ...first.recorder,
      runId: async () => last,
      write: async (input) => within(async (recorder) => recorder.write(input)),
      writeAll: async (inputs, at) => within(async (recorder) => recorder.writeAll(inputs, at)),
    },
    runid: () => last,
    turn,
    async end() {
      await turning?.catch(() => undefined)
      hasEnded = true
      if (open !== undefined) {
        closed = open
        unended.push(open)
      }
      open = undefined
      await endAll()
    },
  }
}

/** Milliseconds between two looks. */
const LOOK = 60_000

export interface TurningDaily {
  readonly now: () => Date
  readonly wait: Wait
  readonly stop: AbortSignal
  readonly onFault: (error: unknown) => void
  /** Told of a run that has begun. */
  readonly onRun: (runid: string) => void
}

/** Turns where the day is another one than when the run began, until it is stopped. Never rejects. */
export async function turnDaily(runs: Pick<DailyRuns, 'turn' | 'runid'>, {now, wait, stop, onFault, onRun}: TurningDaily): Promise<void> {
  const today = () => now().toISOString().slice(0, 10)
  let day = today()
  while (!stop.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await wait(LOOK, stop)
    if (stop.aborted) return
    const next = today()
    if (next === day) continue
    try {
      // oxlint-disable-next-line no-await-in-loop -- one look after another
      await runs.turn()
      day = next
      onRun(runs.runid())
    } catch (error) {
      onFault(error)
    }
  }
}

function opened(run: ServerRun): Open {
  return {run, busy: 0, whenIdle: []}
}

async function idle(one: Open): Promise<void> {
  if (one.busy === 0) return
  return new Promise((resolve) => void one.whenIdle.push(resolve))
}
