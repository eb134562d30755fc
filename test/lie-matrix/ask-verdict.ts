/** Asks `verifyImage()` for its verdict on a laid-out situation, as `hipaa-ci verify` does, and holds it against what a row expects. */
import assert from 'node:assert/strict'
import {verifyImage} from '../../src/lib/actions/verify/verify-image.ts'
import {AppError, type ExitCode} from '../../src/lib/errors.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import {pinOf, verdictContext, type VerdictContext} from '../fakes/verdict-context.ts'
import type {Ask, Expected} from './row.ts'
import type {Scene} from './scene.ts'

const EVERYTHING = {sbom: {}, provenance: {}, scan: {'max-age': '7d'}, gate: {max: {critical: 0, high: 0}}}

export interface Answer {
  readonly exit: ExitCode
  /** `signature signature.missing`, one for each check that is no pass; the error's code where there is no verdict. */
  readonly faults: readonly string[]
}

export async function askVerdict(
  scene: Pick<Scene, 'repository' | 'digest' | 'trusted' | 'stranger'>,
  images: Readonly<Record<string, ImageStore>>,
  ask: Ask = {},
): Promise<Answer> {
  const {image = `${scene.repository}@${scene.digest}`, now, repository = scene.repository} = ask
  const context = verdictContext({
    policy: {
      environments: {production: {repository, ...required(scene, ask), ...ask.environment}},
      ...ask.config,
      ...(ask.revocations !== undefined && {revocations: {from: 'revocations.json', key: pinOf(scene.stranger)}}),
    },
    files: {...ask.files, ...(ask.revocations !== undefined && {'revocations.json': ask.revocations})},
    images,
    keys: [scene.trusted, scene.stranger, ...(ask.keys ?? [])],
    ...(now !== undefined && {now}),
  })
  try {
    const {verdict, exitCode, checks} = await verifyImage({image, ...(ask.asOf !== undefined && {asOf: ask.asOf})}, context)
    assert.equal(exitCode === 0, verdict === 'verified', 'exit 0 means verified, and nothing else does')
    await assertRecorded(context, verdict)
    return {exit: exitCode, faults: checks.flatMap(({name, reason}) => (reason === undefined ? [] : [`${name} ${reason}`]))}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {exit: error.exitCode, faults: [error.code]}
  }
}

export function assertExpected({exit, faults}: Answer, expected: Expected): void {
  const fault = expected.reason === undefined ? [] : [expected.check === undefined ? expected.reason : `${expected.check} ${expected.reason}`]
  const shown = `exit ${exit}, ${faults.join(', ') || 'no fault'}`
  assert.equal(exit, expected.exit, shown)
  for (const each of fault) assert.ok(faults.includes(each), shown)
  if (fault.length === 0) assert.deepEqual(faults, [], shown)
}

function required({trusted}: Pick<Scene, 'trusted'>, {requires, pin, signers}: Ask): Readonly<Record<string, unknown>> {
  if (requires === null) return {}
  const signature = {keys: [pinOf(trusted, pin)], ...signers}
  if (requires === 'signature') return {requires: {signature}}
  return {requires: requires ?? {signature, ...EVERYTHING}}
}

/** No verdict without its record. */
async function assertRecorded(context: VerdictContext, verdict: string): Promise<void> {
  const recorded = (await context.records()).map((record) => (record.stream === 'verification' ? record.data.detail.verdict : record.stream))
  assert.deepEqual(recorded, [verdict])
}
