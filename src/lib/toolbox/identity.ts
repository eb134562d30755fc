/**
 * Who a program is: its version, by asking it, and its SHA-256. Both are remembered by the file's identity (size, times,
 * inode), because asking Semgrep takes seconds and hashing Trivy half of one.
 */
import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {glob, mkdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {pipeline} from 'node:stream/promises'
import {z} from 'zod'
import type {Run} from '../process.ts'
import {readVersion, type ToolPin} from '../tools/versions.ts'
import {cacheFolder, type Environment} from './cache-folder.ts'
import {errorCode} from './error-code.ts'

export interface Identity {
  /** Absent where the program did not say one that can be read, or was not asked. */
  readonly version?: string
  /** Of the file that stands for the tool (`ToolPin.digest`), hex. */
  readonly sha256: string
}

/** Milliseconds: a cold Semgrep takes several seconds. */
const PROBE_TIMEOUT = 60_000

/** @param expected digest without which the program is not even asked for its version */
export async function identify(
  real: string,
  pin: ToolPin,
  {env, run, expected}: {readonly env: Environment; readonly run: Run; readonly expected?: string | undefined},
): Promise<Identity> {
  const subject = await digestedFile(real, pin)
  const stamp = JSON.stringify([await fileStamp(real), await fileStamp(subject), pin.probe])
  const file = join(cacheFolder(env), 'identities.json')
  const memory = await recall(file)
  const known = memory[real]
  if (known?.stamp === stamp) return {version: known.version, sha256: known.sha256}
  const sha256 = await sha256Of(subject)
  if (expected !== undefined && sha256 !== expected) return {sha256}
  const version = await askVersion(real, pin, env, run)
  // Only what was read well is remembered: a probe that was killed once must not mark a good tool for ever.
  if (version === undefined) return {sha256}
  await remember(file, real, {stamp, version, sha256})
  return {version, sha256}
}

/** The file whose digest stands for the tool: Semgrep's program is a line of Python, its engine lies elsewhere. */
async function digestedFile(real: string, {digest}: ToolPin): Promise<string> {
  if (digest === undefined) return real
  for await (const match of glob(digest, {cwd: dirname(real)})) return join(dirname(real), match)
  return real
}

async function fileStamp(path: string): Promise<readonly (string | number)[]> {
  const {size, mtimeMs, ctimeMs, ino, dev} = await stat(path)
  return [path, size, mtimeMs, ctimeMs, ino, dev]
}

async function askVersion(real: string, {probe}: ToolPin, source: Environment, run: Run): Promise<string | undefined> {
  const result = await run([real, ...probe.argv], {cwd: dirname(real), source, env: {...probe.env}, timeout: PROBE_TIMEOUT, maxOutput: 1_000_000})
  return result.kind === 'exited' && result.exitCode === 0 ? readVersion(probe, result.stdout) : undefined
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const Memory = z.record(z.string(), z.object({stamp: z.string(), version: z.string(), sha256: z.string()}))
type Memory = z.infer<typeof Memory>

async function recall(file: string): Promise<Memory> {
  try {
    return Memory.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    // Absent, or torn: only a memory, made anew.
    return {}
  }
}

async function remember(file: string, real: string, entry: Memory[string]): Promise<void> {
  const temporary = `${file}.${process.pid}-${Date.now()}`
  try {
    await mkdir(dirname(file), {recursive: true})
    await writeFile(temporary, JSON.stringify({...(await recall(file)), [real]: entry}))
    await rename(temporary, file)
  } catch (error) {
    // A cache that cannot be written costs time, not truth.
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'ENOENT'].includes(errorCode(error))) throw error
  }
}
