/**
 * Runs one tool adapter: a scratch folder of its own, the located binary, and an error where it did not answer.
 *
 * Rules: the child's working folder and its temporary folder are the scratch folder, so that no `trivy.yaml`,
 * `.syft.yaml` or `.semgrepignore` of the working folder steers it; arguments name files by absolute paths. The scratch
 * folder is for us alone (0700) and is removed whatever happens.
 */
import {rmSync} from 'node:fs'
import {lstat, mkdir, mkdtemp, readFile, realpath, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, delimiter, dirname, isAbsolute, join} from 'node:path'
import process from 'node:process'
import {AppError, type ReasonCode} from '../errors.ts'
import type {RunTool, ToolOutput, ToolSpec} from '../ports/tools.ts'
import {run as runProcess, type Run, type RunResult} from '../process.ts'
import type {Environment} from './cache-folder.ts'
import {errorCode} from './error-code.ts'
import {lastWords} from './last-words.ts'
import {createLocate, type LocatedTool} from './locate.ts'

export interface ToolboxOptions {
  readonly cwd: string
  /** Where PATH, HOME, proxies and the cache folder are read; usually `process.env`. */
  readonly env: Environment
  /** Stops what is running; the call then ends in `interrupted`. */
  readonly signal?: AbortSignal
  /** Default: real processes. */
  readonly run?: Run
}

const DEFAULT_TIMEOUT = 10 * 60_000
/** Bytes of one output file, or of one output stream. */
const MAX_OUTPUT = 256 * 1024 * 1024

export function createRunTool({cwd, env, signal, run = runProcess}: ToolboxOptions): RunTool {
  const locate = createLocate({cwd, env}, run)
  return async (spec, input) => {
    const located = await locate(spec.tool)
    const scratch = await realpath(await mkdtemp(join(tmpdir(), `hipaa-ci-${spec.tool}-`)))
    const removeNow = () => rmSync(scratch, {recursive: true, force: true})
    // Where somebody ends the program in the middle, nothing else gets a turn.
    process.once('exit', removeNow)
    try {
      await layInputs(scratch, spec.inputs?.(input))
      const result = await run([located.real, ...spec.argv(input, scratch)], {
        cwd: scratch,
        source: env,
        env: {...surroundings(located, env, scratch), ...spec.env?.(input, scratch)},
        timeout: spec.timeout ?? DEFAULT_TIMEOUT,
        maxOutput: MAX_OUTPUT,
        ...(signal === undefined ? {} : {signal}),
      })
      const answer = answerOf(result, spec.answers, located)
      const output = {...answer, files: await readOutputs(scratch, spec.outputs, located)}
      return {value: parsed(spec, output, input), tool: {name: located.name, version: located.version, sha256: located.sha256}}
    } finally {
      process.off('exit', removeNow)
      await rm(scratch, {recursive: true, force: true})
    }
  }
}

async function layInputs(scratch: string, inputs: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
  await mkdir(join(scratch, 'tmp'), {mode: 0o700})
  for (const [name, bytes] of inputs) await writeFile(inScratch(scratch, name), bytes, {mode: 0o600, flag: 'wx'})
}

/** A tool's own folder goes first on its PATH: Semgrep starts its parts by name. */
function surroundings({real}: LocatedTool, env: Environment, scratch: string): Record<string, string> {
  const temporary = join(scratch, 'tmp')
  const path = [dirname(real), ...(env['PATH'] ?? '').split(delimiter).filter(isAbsolute)].join(delimiter)
  return {PATH: path, TMPDIR: temporary, TMP: temporary, TEMP: temporary}
}

/** What it said, where its exit code counts as an answer. @throws AppError `tool.*`, `interrupted` */
function answerOf(result: RunResult, answers: readonly number[], tool: LocatedTool): Omit<ToolOutput, 'files'> {
  if (result.kind === 'exited' && answers.includes(result.exitCode)) return result
  const [code, message] = complaint(result, tool)
  throw new AppError(code, message)
}

function complaint(result: RunResult, {name, version, path}: LocatedTool): [code: ReasonCode, message: string] {
  const who = `${name} ${version}`
  switch (result.kind) {
    case 'exited':
      return ['tool.failed', `${who} ended with exit code ${result.exitCode}${quote(result)}`]
    case 'killed':
      return ['tool.killed', `${who} was killed by ${result.signal}${quote(result)}`]
    case 'timed-out':
      return ['tool.timeout', `${who} did not end within ${result.after / 1000} s${quote(result)}`]
    case 'too-much-output':
      return ['tool.output', `${who} printed more than ${result.limit} bytes`]
    case 'aborted':
      return ['interrupted', `${who} was stopped`]
    case 'not-found':
      return ['tool.missing', `${name} at ${path} went away`]
    case 'spawn-failed':
  }
  return ['tool.failed', `${name} at ${path} could not be started: ${lastWords(result.message)}`]
}

function quote({stdout, stderr}: {readonly stdout: string; readonly stderr: string}): string {
  const words = lastWords(stderr) || lastWords(stdout)
  return words === '' ? '' : `:\n${words}`
}

async function readOutputs(scratch: string, names: readonly string[], {name: tool}: LocatedTool): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const name of names) {
    const path = inScratch(scratch, name)
    const entry = await lstat(path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    })
    if (entry === undefined) continue
    if (!entry.isFile() || entry.size > MAX_OUTPUT)
      throw new AppError('tool.output', `${tool} wrote ${name} as something that is not read: ${entry.isFile() ? `${entry.size} bytes` : 'no plain file'}`)
    files.set(name, await readFile(path))
  }
  return files
}

/** @throws AppError `tool.output` for whatever a parser trips over */
function parsed<Input, Output>(spec: ToolSpec<Input, Output>, output: ToolOutput, input: Input): Output {
  try {
    return spec.parse(output, input)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('tool.output', `the answer of ${spec.tool} cannot be read: ${lastWords(cause instanceof Error ? cause.message : String(cause))}`, {
      cause,
    })
  }
}

function inScratch(scratch: string, name: string): string {
  if (name === '' || ['.', '..', 'tmp'].includes(name) || basename(name) !== name)
    throw new AppError('bug', `${JSON.stringify(name)} is no name for a scratch file`)
  return join(scratch, name)
}
