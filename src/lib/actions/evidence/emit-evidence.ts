/**
 * Writes what a step or another tool has to say as evidence: all of it, or nothing.
 *
 * By hand come only statements that nobody else makes: a deployment, tests, a
 * foreign scan (by its report, so that its findings lie beside its counts), and
 * one's own. A run, a gate, a signature, a verification, an admission are
 * written by the command that does the thing: a job must not be able to say that
 * a gate has passed.
 */
import {basename, resolve} from 'node:path'
import {AppError, EXIT, REASONS, type ExitCode, type ReasonCode} from '../../errors.ts'
import {Subject, type Outcome} from '../../evidence/schema.ts'
import {Code} from '../../evidence/primitives.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput, RecordInput} from '../../ports/evidence-store.ts'
import {EMITTED_STREAMS, readEmission, type Emission, type EmitRequest, type EmittedStream} from './read-emission.ts'

export interface EmitResult {
  readonly stream: EmittedStream
  readonly records: readonly {readonly id: string; readonly line: number; readonly outcome: Outcome}[]
  /** Why the exit code is not 0, though all was recorded. */
  readonly reason?: ReasonCode
  readonly exitCode: ExitCode
}

/** @throws AppError `usage.*`, `record.*`, `redaction.*`, `store.*`, `run.invalid` */
export async function emitEvidence(request: EmitRequest, context: Context): Promise<EmitResult> {
  const stream = EMITTED_STREAMS.find((name) => name === request.stream)
  if (stream === undefined)
    throw new AppError('usage.flag', `${JSON.stringify(request.stream)} is not a stream that can be emitted`, {
      fix: `Emit ${EMITTED_STREAMS.join(', ')}; the others are written by the commands that do the thing.`,
    })
  checkFlags(stream, request)
  const recorder = await context.recorder()
  if (!recorder.enabled) throw new AppError('usage.flag', '--no-record is refused: emit does nothing but record')

  const [emissions, blobs] = await Promise.all([readEmission(stream, request, context), readBlobs(request.blobs, context)])
  const {subject, environment} = request
  const inputs = emissions.map((emission): RecordInput => ({
    stream,
    outcome: outcomeOf(emission, request.outcome),
    detail: emission.detail,
    blobs: [...emission.blobs, ...blobs],
    ...(subject !== undefined && {subject}),
    ...(environment !== undefined && {environment}),
  }))
  const written = await recorder.writeAll(inputs, (index) => `line ${emissions[index]?.line}`)
  const records = written.map(({id, record}, index) => ({id, line: emissions[index]?.line ?? 0, outcome: record.data.outcome}))
  const reason = reasonOf(stream, records)
  return {stream, records, ...(reason !== undefined && {reason}), exitCode: reason === undefined ? EXIT.ok : REASONS[reason].exit}
}

function checkFlags(stream: EmittedStream, {from, subject, environment, schema, name, outcome}: EmitRequest): void {
  const fit = {junit: 'test', sarif: 'scan'} as const
  if (from !== undefined && fit[from] !== stream) throw new AppError('usage.flag', `a ${from} report is emitted as ${fit[from]}, not as ${stream}`)
  if (stream === 'scan' && from === undefined)
    throw new AppError('usage.flag', 'a scan is emitted by its report, so that its findings lie beside its counts', {
      fix: 'hipaa-ci emit scan --from sarif FILE',
    })
  if (from !== undefined && outcome !== undefined) throw new AppError('usage.flag', `--outcome is not taken with --from ${from}: the report says how it went`)
  if ((stream === 'custom') !== (schema !== undefined))
    throw new AppError('usage.flag', stream === 'custom' ? 'a custom record needs --schema FILE' : `--schema is for custom, not for ${stream}`)
  if (name !== undefined && (stream !== 'custom' || !Code.safeParse(name).success))
    throw new AppError('usage.flag', `--name ${JSON.stringify(name)} is not the name of a custom record`)
  if (subject !== undefined && !Subject.safeParse(subject).success)
    throw new AppError('usage.flag', `${JSON.stringify(subject)} is not a subject`, {fix: 'Write REPOSITORY@sha256:<64 hex>.'})
  if (environment !== undefined && !Code.safeParse(environment).success)
    throw new AppError('usage.flag', `${JSON.stringify(environment)} is not the name of an environment`)
  if (stream === 'deployment' && (subject === undefined || !subject.includes('@sha256:') || environment === undefined))
    throw new AppError('usage.flag', 'a deployment says which image came where', {fix: 'Add --subject REPOSITORY@sha256:<64 hex> and --environment NAME.'})
}

async function readBlobs(named: readonly string[], {files, cwd}: Context): Promise<BlobInput[]> {
  return Promise.all(
    named.map(async (text) => {
      const [, name, path] = /^([^=]+)=(.+)$/s.exec(text) ?? []
      if (name === undefined || path === undefined) throw new AppError('usage.flag', `${JSON.stringify(text)} is not NAME=FILE`)
      return {name: basename(name), mediaType: mediaTypeOf(name), bytes: await files.read(resolve(cwd, path))}
    }),
  )
}

function mediaTypeOf(name: string): string {
  const types: Readonly<Record<string, string>> = {
    json: 'application/json',
    xml: 'application/xml',
    txt: 'text/plain',
    sarif: 'application/sarif+json',
    log: 'text/plain',
    csv: 'text/csv',
  }
  return name.endsWith('.spdx.json') ? 'application/spdx+json' : (types[name.replace(/^.*\./s, '').toLowerCase()] ?? 'application/octet-stream')
}

/** A given outcome may be worse than what the detail shows, never better. */
function outcomeOf({outcome, line}: Emission, given: Outcome | undefined): Outcome {
  if (given === undefined) return outcome
  if (given === 'pass' && outcome !== 'pass') throw new AppError('usage.flag', `--outcome pass is not what line ${line} shows, which is ${outcome}`)
  return given
}

/** Why what was recorded is no pass. */
function reasonOf(stream: EmittedStream, records: readonly {readonly outcome: Outcome}[]): ReasonCode | undefined {
  if (stream === 'test' && records.some(({outcome}) => outcome === 'fail' || outcome === 'error')) return 'emit.failed-tests'
  return stream === 'scan' && records.some(({outcome}) => outcome === 'error') ? 'scan.incomplete' : undefined
}
