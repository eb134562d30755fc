/**
 * The built `admission serve` as a process of its own, always at the same place, as a pod behind a Service is.
 *
 * Promise: started when `start` resolves: it listens; stopped or killed when `stop` resolves; what it said since its last
 * start is kept. Its end closes nothing else: its log and its ports are those of the next start.
 */
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {BIN, type Workspace} from './e2e/workspace.ts'
import {freePort} from './free-port.ts'
import {startKept, type KeptProgram} from './kept-program.ts'

export interface ServeSettings {
  readonly cluster: string
  /** Default `test-0`; its log lies in `wal-REPLICA`. */
  readonly replica?: string
  /** Files of the workspace; default `policy.yaml`, `tls.crt`, `tls.key`, `client-ca.crt`. */
  readonly policy?: string
  /** Besides. Default: none. */
  readonly flags?: readonly string[]
}

export interface ServedAdmission {
  readonly replica: string
  /** `https://127.0.0.1:PORT` */
  readonly url: string
  /** `http://127.0.0.1:PORT`, for probes and metrics. */
  readonly observe: string
  start(): Promise<void>
  /** SIGTERM unless it says otherwise. @returns the exit code, 128 and the signal where that ended it. To no effect where it does not run */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  /** As in a stopped container: it holds its connections, and says nothing. */
  freeze(): void
  thaw(): void
  running(): boolean
  /** -1 before its first start. */
  pid(): number
  /** Lines of its log since its last start. */
  said(): string
}

/** Not started yet. */
export async function servedAdmission(
  {folder, env}: Pick<Workspace, 'folder' | 'env'>,
  {cluster, replica = 'test-0', policy = 'policy.yaml', flags = []}: ServeSettings,
): Promise<ServedAdmission> {
  const [listen, observe] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const own = ['--cluster', cluster, '--policy', policy, '--replica', replica, '--listen', listen, '--observe', observe, '--drain-delay', '0']
  const tls = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--client-ca', 'client-ca.crt']
  const argv = ['admission', 'serve', ...own, ...tls, ...(flags.includes('--wal-sync') ? [] : ['--wal', `wal-${replica}`]), ...flags]
  const log = join(folder, `serve-${replica}.log`)
  let kept: KeptProgram | undefined
  const said = () => readFileSync(log, 'utf8')
  const running = () => kept?.running() === true
  const send = (signal: 'SIGSTOP' | 'SIGCONT') => {
    if (kept !== undefined && running()) process.kill(kept.pid, signal)
  }
  return {
    replica,
    url: `https://${listen}`,
    observe: `http://${observe}`,
    async start() {
      if (running()) return
      // What the last one said is no word of the next.
      rmSync(log, {force: true})
      kept = await startKept(process.execPath, [BIN, ...argv], {log, cwd: folder, env, isReady: async () => said().includes('"listening"')})
    },
    async stop(signal = 'SIGTERM') {
      send('SIGCONT')
      return kept === undefined ? null : kept.stop(signal)
    },
    freeze: () => send('SIGSTOP'),
    thaw: () => send('SIGCONT'),
    running,
    pid: () => kept?.pid ?? -1,
    said,
  }
}
