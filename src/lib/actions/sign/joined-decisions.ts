/**
 * What other jobs of this run decided about an image, by their run files.
 *
 * A run file holds what the store has acknowledged to its job, so the files of
 * jobs that run no code under test say what the store alone cannot: who decided.
 */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import type {EmittedRecord, RunState} from '../../evidence/run-state.ts'
import type {Stream} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {Descriptor} from '../../ports/images.ts'
import type {Byproduct} from '../../predicates/provenance.ts'

const DECISIONS: readonly Stream[] = ['sbom', 'scan', 'gate', 'test', 'verification']

/** @throws AppError `run.invalid` where a file is no run file of this run, or holds what the store has not acknowledged */
export async function joinedDecisions(files: readonly string[], subjects: readonly Descriptor[], context: Context): Promise<Byproduct[]> {
  const runid = await (await context.recorder()).runId()
  if (context.variable('HIPAA_CI_RUN') === undefined || runid === undefined)
    throw new AppError('run.invalid', 'it is not known which run the joined files must be of: HIPAA_CI_RUN is not set', {
      fix: 'Set HIPAA_CI_RUN to the run file of this job.',
    })
  const runs = await context.runs()
  const paths = [...new Set(files.map((file) => resolve(context.cwd, file)))]
  const states = await Promise.all(paths.map((path) => runs.open(path).read()))
  for (const state of states) refuseUnfit(state, runid)
  const digests = new Set(subjects.map(({digest}) => digest))
  const decisions = states.flatMap(({emitted}) => emitted).filter((record) => DECISIONS.includes(record.stream) && isAbout(record, digests))
  return [...new Map(decisions.map((record) => [record.id, toByproduct(record)])).values()]
}

function refuseUnfit({runid: found, job, pending}: RunState, runid: string): void {
  if (found !== runid) throw new AppError('run.invalid', `job ${job} is of run ${found}, not of ${runid}`)
  if (pending.length > 0)
    throw new AppError('run.invalid', `job ${job} has ${pending.length} records that the store has not acknowledged`, {
      fix: 'Where its run file lies, run any command of the run that records (it puts them first), then join the file again.',
    })
}

/** A run may build several images; what names none (a test report) is about the whole run. */
function isAbout({subject}: EmittedRecord, digests: ReadonlySet<string>): boolean {
  const digest = subject === undefined ? undefined : /sha256:[0-9a-f]{64}$/.exec(subject)?.[0]
  return digest === undefined || digests.has(digest)
}

function toByproduct({stream, id, sha256, outcome, policy}: EmittedRecord): Byproduct {
  return {name: stream, id, sha256, outcome, ...(policy !== undefined && {policy})}
}
