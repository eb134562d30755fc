/** Starts the small programs of `test/programs/` as processes of their own: what they do must survive being killed. */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import process from 'node:process'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** @param request is given to the program as JSON */
export function start(name: string, request: unknown, prefix: readonly string[] = []): ChildProcess {
  const program = [process.execPath, join(import.meta.dirname, 'programs', `${name}.ts`), JSON.stringify(request)]
  const [command, ...args] = [...prefix, ...program]
  return spawn(command ?? process.execPath, args, {stdio: ['ignore', 'pipe', 'pipe']})
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const out: string[] = []
  const err: string[] = []
  child.stdout?.on('data', (chunk) => out.push(String(chunk)))
  child.stderr?.on('data', (chunk) => err.push(String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return {code, signal, stdout: out.join(''), stderr: err.join('')}
}

export async function run(name: string, request: unknown, prefix: readonly string[] = []): Promise<Ended> {
  return ended(start(name, request, prefix))
}

/** Waits for the first output. */
export async function spoke(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data')
}
