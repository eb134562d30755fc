/**
 * A server program of somebody else's for tests, which does not end when its standard input closes: a shell stands
 * between, and when our end of the pipe closes, however this process ends, the shell stops the program and waits for it.
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import process from 'node:process'
import {setTimeout as wait} from 'node:timers/promises'

export interface KeptProgram {
  /** Of the program itself. */
  readonly pid: number
  /** As long as it runs. */
  readonly running: () => boolean
  /** SIGTERM, or at once by SIGKILL. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export interface KeptOptions {
  /** Of what it prints. */
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
  /** Asked again and again until it says yes. @throws what the program said, where it ends before */
  readonly isReady: () => Promise<boolean>
  /** Default 60 s. */
  readonly within?: number
}

/** Writes the pid to descriptor 4 before the program is waited for. */
const KEEPER = `
log=$1
shift
exec 3<&0
"$@" >"$log" 2>&1 </dev/null 3<&- 4>&- &
server=$!
echo "$server" >&4
exec 4>&-
(cat <&3 >/dev/null; kill "$server" 2>/dev/null) &
wait "$server"
code=$?
kill $! 2>/dev/null
exit "$code"
`

export async function startKept(program: string, argv: readonly string[], {log, env = {}, isReady, within = 60_000}: KeptOptions): Promise<KeptProgram> {
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', log, program, ...argv], {
    stdio: ['pipe', 'ignore', 'ignore', 'ignore', 'pipe'],
    // Out of reach of the interrupt key: the pipe is what ends it.
    detached: true,
    env: {PATH: process.env['PATH'], ...env},
  })
  const ended = once(keeper, 'exit')
  const [first] = (await once(keeper.stdio[4] ?? keeper, 'data')) as [Buffer]
  const pid = Number(first.toString())
  const running = () => keeper.exitCode === null
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (running()) process.kill(pid, signal)
    keeper.stdin?.end()
    await ended
  }
  const until = Date.now() + within
  while (!(await isReady().catch(() => false))) {
    if (!running() || Date.now() > until) {
      await stop('SIGKILL')
      throw new Error(`${program} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
    }
    await wait(50)
  }
  return {pid, running, stop}
}
