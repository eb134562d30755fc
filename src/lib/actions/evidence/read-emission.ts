/** Input of `emit` into details, each valid for its stream: JSON, JSON lines, JUnit or SARIF. Every faulty line is named at once. */
import {basename, resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {EnforcementEnded} from '../../evidence/admission-details.ts'
import {countFindings, encodeFindings, FINDINGS_BLOB, FINDINGS_MEDIA_TYPE} from '../../evidence/finding.ts'
import {Code, type Counts} from '../../evidence/primitives.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {STREAM_SCHEMAS, type DetailOf, type Outcome} from '../../evidence/schema.ts'
import type {Stream} from '../../evidence/streams.ts'
import {decode, parseJsonLines, parseJsonValue, type JsonLine} from '../../intake/json-lines.ts'
import {compileSchema} from '../../intake/json-schema.ts'
import {parseJUnit} from '../../intake/junit.ts'
import {parseSarif} from '../../intake/sarif.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'

export const EMITTED_STREAMS = ['deployment', 'test', 'scan', 'custom', 'enforcement'] as const satisfies readonly Stream[]
export type EmittedStream = (typeof EMITTED_STREAMS)[number]

export interface EmitRequest {
  readonly stream: string
  /** Path, or `-` for standard input; never guessed. */
  readonly file?: string | undefined
  readonly from?: 'junit' | 'sarif' | undefined
  readonly subject?: string | undefined
  readonly environment?: string | undefined
  readonly outcome?: Outcome | undefined
  /** `NAME=FILE` */
  readonly blobs: readonly string[]
  /** JSON Schema of a `custom` value. */
  readonly schema?: string | undefined
  /** Name of a `custom` record; default the schema's file name. */
  readonly name?: string | undefined
}

export interface Emission {
  /** Of the input, from 1. */
  readonly line: number
  readonly detail: DetailOf<EmittedStream>
  /** What the detail itself shows. */
  readonly outcome: Outcome
  readonly blobs: readonly BlobInput[]
}

/** @throws AppError `usage.input`, `usage.empty` */
export async function readEmission(stream: EmittedStream, request: EmitRequest, context: Context): Promise<Emission[]> {
  if (request.file === undefined) throw new AppError('usage.flag', 'it is not said what to read', {fix: 'Add --file FILE, or --file - for standard input.'})
  const path = request.file === '-' ? '-' : resolve(context.cwd, request.file)
  const bytes = await context.files.read(path)
  if (request.from === 'junit') return [fromJUnit(decode(bytes), basename(path))]
  if (request.from === 'sarif') return [fromSarif(bytes)]
  const lines = parseJsonLines(bytes)
  return stream === 'custom' ? fromValues(lines, request, context) : fromDetails(stream, lines)
}

function fromJUnit(text: string, file: string): Emission {
  const {name, ...counts} = parseJUnit(text)
  const detail = {name: (name ?? file).slice(0, 256), ...counts}
  return {line: 1, detail, outcome: testOutcome(detail), blobs: []}
}

function fromSarif(bytes: Uint8Array): Emission {
  const {findings, unscanned} = parseSarif(parseJsonValue(bytes, 'the SARIF report'))
  const counts: Counts = countFindings(findings)
  const detail = {kind: 'code' as const, mode: 'sarif' as const, counts, platforms: [], unscanned: [...unscanned]}
  const outcome = unscanned.length > 0 ? 'error' : findings.length > 0 ? 'warn' : 'pass'
  return {line: 1, detail, outcome, blobs: [{name: FINDINGS_BLOB, mediaType: FINDINGS_MEDIA_TYPE, bytes: encodeFindings(findings)}]}
}

function fromDetails(stream: EmittedStream, lines: readonly JsonLine[]): Emission[] {
  // What a provider enforces only that provider knows; that a cluster is gone, only people.
  const schema = stream === 'enforcement' ? EnforcementEnded : STREAM_SCHEMAS[stream].shape.data.shape.detail
  return each(lines, (value) => {
    const parsed = schema.safeParse(value)
    if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`)
    return {detail: parsed.data, outcome: 'passed' in parsed.data ? testOutcome(parsed.data) : 'pass', blobs: []}
  })
}

async function fromValues(lines: readonly JsonLine[], {schema, name}: EmitRequest, {files, cwd}: Context): Promise<Emission[]> {
  const path = resolve(cwd, schema ?? '')
  const bytes = await files.read(path)
  const faultsOf = compileSchema(parseJsonValue(bytes, `the JSON Schema ${path}`))
  const title = name ?? basename(path).replace(/(?:\.schema)?\.json$/, '')
  if (!Code.safeParse(title).success) throw new AppError('usage.flag', `${JSON.stringify(title)} cannot be a record's name`, {fix: 'Add --name NAME.'})
  const blob: BlobInput = {name: 'schema.json', mediaType: 'application/schema+json', bytes, exact: true}
  const detail = {schema: sha256Hex(bytes), name: title}
  return each(lines, (value) => {
    const faults = faultsOf(value)
    if (faults.length > 0) return faults
    const parsedDetail = STREAM_SCHEMAS.custom.shape.data.shape.detail.safeParse({...detail, value})
    return parsedDetail.success ? {detail: parsedDetail.data, outcome: 'pass', blobs: [blob]} : ['it is not a JSON value that can be kept']
  })
}

/** @param judge the emission, or its faults */
function each(lines: readonly JsonLine[], judge: (value: unknown) => Omit<Emission, 'line'> | string[]): Emission[] {
  const judged = lines.map((one) => ({line: one.line, result: 'fault' in one ? [one.fault] : judge(one.value)}))
  const faults = judged.flatMap(({line, result}) => (Array.isArray(result) ? [`line ${line}: ${result.slice(0, 10).join('; ')}`] : []))
  if (faults.length > 0)
    throw new AppError('usage.input', `${faults.length} of ${lines.length} lines cannot be recorded, so nothing was written:\n${faults.join('\n')}`)
  return judged.flatMap(({line, result}) => (Array.isArray(result) ? [] : [{line, ...result}]))
}

function testOutcome({passed, failed}: DetailOf<'test'>): Outcome {
  return failed > 0 ? 'fail' : passed > 0 ? 'pass' : 'warn'
}
