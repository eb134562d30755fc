/**
 * The one door to child processes, and the only import of execa.
 *
 * Rules: an array, never a shell line. How it ended is a union on `kind`, so a missing binary, a kill, a timeout or a
 * flood never reads as an exit code. A child gets an allow-listed environment and no standard input unless given. It
 * runs in its own process group, which dies with it on timeout, abort or flood, and with us when we end.
 */
import {existsSync} from 'node:fs'
import {basename} from 'node:path'
import process from 'node:process'
import type {Readable} from 'node:stream'
import {execa} from 'execa'
import {childEnvironment} from './child-environment.ts'

/** Program and arguments; the program is an absolute path, or a name looked up on the child's PATH. */
export type Argv = readonly [string, ...string[]]

export interface RunOptions {
  /** Working folder; default ours. */
  readonly cwd?: string
  /** Variables beyond, or instead of, the allow-listed ones. */
  readonly env?: Readonly<Record<string, string>>
  /** Where the allow-listed ones come from; default `process.env`. */
  readonly source?: Readonly<Record<string, string | undefined>>
  /** Standard input; default none. */
  readonly input?: Uint8Array
  /** Milliseconds; default none. */
  readonly timeout?: number
  /** Bytes of either output stream; default 64 MiB. */
  readonly maxOutput?: number
  readonly signal?: AbortSignal
}

interface Streams {
  readonly stdout: string
  readonly stderr: string
}

export type RunResult =
  | ({readonly kind: 'exited'; readonly exitCode: number} & Streams)
  | ({readonly kind: 'killed'; readonly signal: string} & Streams)
  | ({readonly kind: 'timed-out'; readonly after: number} & Streams)
  | ({readonly kind: 'too-much-output'; readonly limit: number} & Streams)
  | ({readonly kind: 'aborted'} & Streams)
  | {readonly kind: 'not-found'; readonly file: string}
  | {readonly kind: 'spawn-failed'; readonly file: string; readonly message: string}

/** The type of `run`, for those who are handed it. */
export type Run = (argv: Argv, options?: RunOptions) => Promise<RunResult>

const MAX_OUTPUT = 64 * 1024 * 1024
/** Milliseconds for reading what a killed child had said. */
const GRACE_MS = 500

/** Runs a program to its end. Never rejects for what the program does. */
export const run: Run = async ([file, ...args], options = {}) => {
  const {cwd, input, timeout = 0, maxOutput = MAX_OUTPUT, signal} = options
  if ([file, ...args].some((part) => part.includes('\0'))) return {kind: 'spawn-failed', file, message: 'an argument has a NUL in it'}
  const child = execa(file, args, {
    env: childEnvironment(options.source ?? process.env, options.env),
    extendEnv: false,
    preferLocal: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: maxOutput,
    timeout,
    reject: false,
    // Nothing is asked to end politely: what a tool writes lies in a folder that is removed, or appears by a rename.
    killSignal: 'SIGKILL',
    killDescendants: true,
    cleanup: true,
    ...(cwd === undefined ? {} : {cwd}),
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
    ...(signal === undefined ? {} : {cancelSignal: signal}),
  })
  child.nodeChildProcess.once('exit', (_code, by) => by === 'SIGKILL' && setTimeout(() => closeStreams(child), GRACE_MS).unref())
  const result = await child
  const streams = {stdout: text(result.stdout), stderr: text(result.stderr)}
  if (result.isCanceled) return {kind: 'aborted', ...streams}
  if (result.timedOut) return {kind: 'timed-out', after: timeout, ...streams}
  if (result.isMaxBuffer) return {kind: 'too-much-output', limit: maxOutput, ...streams}
  // A cause means that something else than its exit code went wrong, even where there is one.
  if (result.exitCode !== undefined && result.cause === undefined) return {kind: 'exited', exitCode: result.exitCode, ...streams}
  if (result.signal !== undefined) return {kind: 'killed', signal: result.signal, ...streams}
  // The system says ENOENT too where the working folder, or the interpreter of a script, is what is absent.
  const absent = basename(file) === file || !existsSync(file)
  if (result.code === 'ENOENT' && absent && (cwd === undefined || existsSync(cwd))) return {kind: 'not-found', file}
  return {kind: 'spawn-failed', file, message: result.originalMessage ?? result.shortMessage ?? 'it could not be started'}
}

/** One that left the process group may hold the streams open for ever. */
function closeStreams({stdout, stderr}: {readonly stdout: Readable; readonly stderr: Readable}): void {
  stdout.destroy()
  stderr.destroy()
}

/** Bytes that are not UTF-8 become U+FFFD. */
function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
