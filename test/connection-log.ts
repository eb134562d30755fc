/**
 * Runs a program under `toolchain/connection-log`, which notes every address that it, or what it starts, tries to reach.
 *
 * It watches by ptrace and so on Linux only. Where that is denied, or the log has no end, it throws: no log is not an empty log.
 */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {builtTool} from '../scripts/built-tool.ts'
import {run, type Argv, type RunOptions} from '../src/lib/process.ts'

export interface Connection {
  /** `inet`, `inet6`, `unix`, or `family N` for any other. */
  readonly family: string
  /** IP address, or path of a unix socket. */
  readonly address: string
  /** 0 where there is none. */
  readonly port: number
  /** Name of the program's file: `node`, `cosign`. */
  readonly program: string
}

export interface Logged {
  /** Of the program; 128+N where signal N ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** Attempts in their order, whether they succeeded or not. */
  readonly connections: readonly Connection[]
}

export async function logConnections(argv: Argv, options: RunOptions = {}): Promise<Logged> {
  const folder = mkdtempSync(join(tmpdir(), 'connection-log-'))
  const file = join(folder, 'log.jsonl')
  try {
    const result = await run([builtTool('connection-log'), file, ...argv], options)
    if (result.kind !== 'exited') throw new Error(`connection-log ${argv.join(' ')}: ${JSON.stringify(result)}`)
    const {exitCode, stdout, stderr} = result
    return {exitCode, stdout, stderr, connections: readLog(readFileSync(file, 'utf8'), result)}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/**
 * Every attempt as `inet 127.0.0.1:5000 cosign`, each once, sorted; without the cache of the system's own name service,
 * which is a file of this machine.
 */
export function destinations(connections: readonly Connection[]): readonly string[] {
  const elsewhere = connections.filter(({family, address}) => family !== 'unix' || !address.startsWith('/var/run/nscd/'))
  return [...new Set(elsewhere.map(({family, address, port, program}) => `${family} ${address}${port === 0 ? '' : `:${port}`} ${program}`))].toSorted()
}

function readLog(text: string, {exitCode, stderr}: {readonly exitCode: number; readonly stderr: string}): readonly Connection[] {
  const lines = text.split('\n').slice(0, -1)
  if (lines[0] !== '{"connectionLog":1}' || lines.at(-1) !== `{"end":${exitCode}}`) throw new Error(`the connections were not watched to the end: ${stderr}`)
  return lines.slice(1, -1).map((line) => JSON.parse(line) as Connection)
}
