/**
 * A project folder of its own, and the built command line run in it as a user would.
 *
 * Promise: nothing of the real home folder is read or written but the tool
 * cache; the folder is gone after `remove()`.
 */
import {spawn, type ChildProcess, type ChildProcessWithoutNullStreams} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {homedir, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'

export const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface CliResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** The parsed answer of a call with --json. */
  readonly json: unknown
}

export interface Workspace {
  readonly folder: string
  /** Variables that every run in it has. */
  readonly env: Readonly<Record<string, string>>
  /** Runs `hipaa-ci ARGS…` in the folder. */
  cli(args: readonly string[], options?: {readonly env?: Readonly<Record<string, string>>; readonly stdin?: string}): Promise<CliResult>
  /** The same, without waiting for its end: what it is killed in is seen. */
  start(args: readonly string[]): ChildProcess
  write(name: string, content: string | Uint8Array): Promise<string>
  remove(): Promise<void>
}

export async function createWorkspace(env: Readonly<Record<string, string>> = {}): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-e2e-'))
  const base = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    // The tools that set-up built: looked for where set-up puts them, not in this HOME.
    HIPAA_CI_CACHE: process.env['HIPAA_CI_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hipaa-ci'),
    COSIGN_PASSWORD: 'test only',
    NO_COLOR: '1',
    ...env,
  }
  return {
    folder,
    env: base,
    cli: async (args, options = {}) => run(args, folder, {...base, ...options.env}, options.stdin ?? ''),
    start: (args) => launch(args, folder, base),
    async write(name, content) {
      const path = join(folder, name)
      await writeFile(path, content)
      return path
    },
    remove: async () => rm(folder, {recursive: true, force: true}),
  }
}

async function run(args: readonly string[], cwd: string, env: Record<string, string>, stdin: string): Promise<CliResult> {
  const child = launch(args, cwd, env)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.end(stdin)
  const exitCode = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return {exitCode, stdout, stderr, json: args.includes('--json') ? parse(stdout) : undefined}
}

function launch(args: readonly string[], cwd: string, env: Record<string, string>): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BIN, ...args], {cwd, env, stdio: ['pipe', 'pipe', 'pipe']})
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
