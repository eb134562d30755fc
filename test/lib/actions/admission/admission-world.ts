/** A cluster's requests against a policy with one environment, images and records in memory. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {decideAdmission, type DecideResult} from '../../../../src/lib/actions/admission/decide-admission.ts'
import type {ReasonCode} from '../../../../src/lib/errors.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {ImageStore} from '../../../../src/lib/ports/images.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext, type VerdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {review, type ReviewInput} from '../../admission/reviews.ts'

export const HOME = 'registry.example/prod/patient-api'
export const VENDOR = 'registry.example/vendor/proxy'
export const signer = createSigner()
export const other = createSigner()

export const production = {
  repository: HOME,
  match: {clusters: ['prod-*'], namespaces: ['patient-api']},
  requires: {signature: {keys: [pinOf(signer)]}},
}

export interface World extends VerdictContext {
  decide(input: ReviewInput, cluster?: string): Promise<DecideResult>
}

export function world({policy = {}, images = {}, ...more}: Partial<VerdictSetting> = {}): World {
  const context = verdictContext({policy: {environments: {production}, ...policy}, images, keys: [signer, other], ...more})
  let bytes: Uint8Array = new Uint8Array()
  const read = (path: string) => (path === '/project/review.json' ? Promise.resolve(bytes) : context.files.read(path))
  const wrapped = {...context, files: {...context.files, read}}
  return {
    ...wrapped,
    decide: async (input, cluster = 'prod-east') => {
      bytes = review(input)
      return decideAdmission({file: 'review.json', cluster, mode: 'offline'}, wrapped)
    },
  }
}

/** A repository with one image, signed for it unless told otherwise. */
export async function home({signed = true, version = '1.0.0'}: {signed?: boolean; version?: string} = {}): Promise<{
  store: MemoryImageStore
  image: string
  digest: string
}> {
  const store = memoryImageStore({repository: HOME})
  const digest = await pushImage(store, serviceImage({version}), 'latest')
  const {descriptor} = await store.resolve(digest)
  if (signed) await attachBundle(store, descriptor, signer.bundle(signatureOf([digest], HOME)))
  return {store, image: `${HOME}@${digest}`, digest}
}

export async function admissions(context: VerdictContext): Promise<RecordOf<'admission'>[]> {
  return (await context.records()).flatMap((record) => (record.stream === 'admission' ? [record] : []))
}

/** What the one image of the pod came to. */
export function outcome({exitCode, allowed, images}: DecideResult): {
  exitCode: number
  allowed: boolean
  verdict: string | undefined
  reasons: readonly ReasonCode[] | undefined
} {
  assert.equal(images.length, 1)
  return {exitCode, allowed, verdict: images[0]?.verdict, reasons: images[0]?.reasons}
}

/** Throws at every request. */
export function broken(error: Error): ImageStore {
  const fail = async (): Promise<never> => {
    throw error
  }
  return {...memoryImageStore({repository: HOME}), resolve: fail, blob: fail, referrers: fail}
}
