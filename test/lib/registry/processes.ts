/** Starts `test/programs/attach-many.ts` and gathers the digests that it reported. */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import process from 'node:process'
import {createInterface} from 'node:readline'

export interface AttachingProcess {
  readonly child: ChildProcess
  /** Resolves when so many are reported, or when it has ended. */
  reported(count: number): Promise<void>
  /** What it had reported when it ended, killed or not. */
  readonly ended: Promise<{code: number | null; digests: string[]}>
}

export function attachingProcess(kind: 'registry' | 'layout', where: string, locks: string, subject: string, from: number, count: number): AttachingProcess {
  const program = join(import.meta.dirname, '../../programs/attach-many.ts')
  const child = spawn(process.execPath, [program, kind, where, locks, subject, String(from), String(count)], {stdio: ['ignore', 'pipe', 'inherit']})
  const digests: string[] = []
  const lines = createInterface({input: child.stdout})
  lines.on('line', (line) => digests.push(line))
  const ended = once(child, 'close').then(() => ({code: child.exitCode, digests}))
  const reported = async (wanted: number): Promise<void> => {
    while (digests.length < wanted && child.exitCode === null && child.signalCode === null) await Promise.race([once(lines, 'line'), ended])
  }
  return {child, reported, ended}
}
