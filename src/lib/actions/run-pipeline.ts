/**
 * The whole road in one go, for people with no CI yet: SBOM, scan, gate, signature, attestations, verdict.
 *
 * One run of evidence: it is started, every step writes into it, and it is
 * ended whatever happens, so that what never came is named. Inside a run that
 * somebody else began (HIPAA_CI_RUN) the steps join that one. A gate that does
 * not pass stops the road: nothing is signed.
 */
import type {LongLived} from '../config/schema.ts'
import {AppError, EXIT, worstExit, type ExitCode} from '../errors.ts'
import type {Stream} from '../evidence/streams.ts'
import type {Byproduct} from '../predicates/provenance.ts'
import type {Context} from '../ports/context.ts'
import type {Recorder, RecordInput, WrittenRecord} from '../ports/evidence-store.ts'
import {attestImage, ATTEST_TYPES, type AttestResult} from './sign/attest-image.ts'
import {buildSbom, type SbomResult} from './scan/build-sbom.ts'
import {endRun, type EndRunResult} from './evidence/end-run.ts'
import {openPinnedImage, repositoryOf} from './open-image.ts'
import {openSource} from './scan/scan-code.ts'
import {scanTarget, type ScanResult} from './scan/scan-target.ts'
import {signImage, type SignResult} from './sign/sign-image.ts'
import {refuseKeyFile} from './sign/signing-key.ts'
import {refuseWaiting} from './evidence/refuse-waiting.ts'
import {startRun} from './evidence/start-run.ts'
import type {VerifyResult} from './verify/record-verdict.ts'
import {verifyImage} from './verify/verify-image.ts'

export interface PipelineRequest {
  readonly image: string
  readonly source?: string
  readonly key?: string
  readonly repository?: string
  readonly environment?: string
  /** Credentials that do not end by themselves, allowed in CI all the same. */
  readonly allowLongLived?: readonly LongLived[]
  readonly updateDatabase?: boolean
}

export const PIPELINE_STREAMS: readonly Stream[] = ['sbom', 'scan', 'gate', 'signature', 'attestation', 'verification']

export interface PipelineResult {
  readonly exitCode: ExitCode
  readonly repository: string
  readonly digest: string
  /** Undefined where the steps joined a run that somebody else ends. */
  readonly run: EndRunResult | undefined
  readonly sbom: SbomResult
  readonly scan: ScanResult
  /** Undefined from the step on at which the road ended. */
  readonly sign?: SignResult
  readonly attest?: AttestResult
  readonly verify?: VerifyResult
}

export async function runPipeline(request: PipelineRequest, context: Context): Promise<PipelineResult> {
  if (!(await context.recorder()).enabled) throw new AppError('usage.flag', '--no-record is refused: a pipeline is a run of evidence')
  await refuseWaiting('a pipeline, which signs,', context)
  // Before anything is written: an image that is not there, or not named by digest, is no run; nor is a source that is no folder, or a key that will be refused.
  if (request.source !== undefined) await openSource(request.source, context)
  const open = await openPinnedImage(request.image, context)
  const repository = repositoryOf(open, request.repository)
  if (request.key !== undefined || context.config.signing.key !== undefined) await refuseKeyFile(request.key, context, request)
  if (context.variable('HIPAA_CI_RUN') !== undefined) return {...(await walk(request, repository, open.digest, context)), run: undefined}

  const {files} = await startRun({expected: PIPELINE_STREAMS, jobs: []}, context)
  const [file] = files
  if (file === undefined) throw new AppError('bug', 'a run without a run file')
  const inRun = await within(file.path, context)
  try {
    const result = await walk(request, repository, open.digest, inRun)
    const run = await endRun({file: file.path, join: []}, context)
    return {...result, run, exitCode: worstExit([result.exitCode, run.exitCode])}
  } catch (error) {
    // The fault is what is told; the run's end names what is missing by itself.
    await endRun({file: file.path, join: []}, context).catch((cause: unknown) =>
      context.progress.note(
        `the run could not be ended (${cause instanceof Error ? cause.message : String(cause)}); when that is mended: hipaa-ci run end --file ${file.path}`,
      ),
    )
    throw error
  }
}

/** The same context, but every record goes into the run of `file`. */
async function within(file: string, context: Context): Promise<Context> {
  const position = (await context.runs()).open(file)
  return {...context, recorder: (given) => context.recorder(given ?? position)}
}

async function walk(request: PipelineRequest, repository: string, digest: string, outer: Context): Promise<Omit<PipelineResult, 'run'>> {
  const byproducts: Byproduct[] = []
  const context = {...outer, recorder: noting(outer.recorder, byproducts)}
  const {image, source, key, environment, allowLongLived = [], updateDatabase = false} = request
  const shared = {image, repository, allowLongLived, ...(key !== undefined && {key})}

  const sbom = await buildSbom({target: image, repository}, context)
  const documents = new Map(sbom.result.platforms.map((platform, index) => [platform.digest ?? digest, sbom.documents[index] ?? Buffer.of()]))
  const scan = await scanTarget({target: image, repository, updateDatabase, documents, command: 'pipeline', ...(source !== undefined && {source})}, context)
  const so = {repository, digest, sbom: sbom.result, scan: scan.result}
  if (scan.result.exitCode !== EXIT.ok) return {...so, exitCode: scan.result.exitCode}

  const sign = await signImage(shared, context)
  const sboms = new Map([...documents].map(([platform, bytes]): [string, unknown] => [platform, JSON.parse(Buffer.from(bytes).toString('utf8'))]))
  const attest = await attestImage({...shared, types: ATTEST_TYPES, material: {sboms, vulns: scan.vulns, gate: scan.gate, byproducts}}, context)
  // The signing key is no trust: the verdict is the environment's.
  const verify = await verifyImage({image, repository, ...(environment !== undefined && {environment})}, context)
  return {...so, sign, attest, verify, exitCode: verify.exitCode}
}

const DECISIONS: readonly Stream[] = ['sbom', 'scan', 'gate']

/** Keeps what was decided about the image, for its provenance. */
function noting(recorder: Context['recorder'], byproducts: Byproduct[]): Context['recorder'] {
  return async (position) => {
    const inner: Recorder = await recorder(position)
    return {
      ...inner,
      async write<S extends Stream>(input: RecordInput<S>) {
        const written = await inner.write(input)
        byproducts.push(...toByproduct(written))
        return written
      },
      async writeAll<S extends Stream>(inputs: readonly RecordInput<S>[], at?: (index: number) => string) {
        const written = await inner.writeAll(inputs, at)
        byproducts.push(...written.flatMap((one) => toByproduct(one)))
        return written
      },
    }
  }
}

function toByproduct({id, sha256, record}: WrittenRecord): Byproduct[] {
  if (!DECISIONS.includes(record.stream)) return []
  return [{name: record.stream, id, sha256, outcome: record.data.outcome, ...(record.stream === 'gate' && {policy: record.data.detail.policy})}]
}
