/** Attaches a bundle that was signed elsewhere to every subject that does not carry it yet. It is not looked at here. */
import {sha256Hex} from '../../evidence/record.ts'
import type {Context} from '../../ports/context.ts'
import type {Descriptor, ImageStore} from '../../ports/images.ts'
import {pushReferrer} from './attach-bundle.ts'
import {readAttached} from '../verify/read-attached.ts'

export interface SignedRequest {
  readonly store: ImageStore
  /** The first one names the record. */
  readonly subjects: readonly Descriptor[]
  readonly bundle: Uint8Array
  readonly predicateType: string
}

/** `manifest`: digest of the referrer of the first subject. `attached`: false where everything was there before. */
export async function attachSigned({store, subjects, bundle, predicateType}: SignedRequest, context: Context): Promise<{manifest: string; attached: boolean}> {
  const sha256 = sha256Hex(bundle)
  const manifests: string[] = []
  let attached = false
  for (const subject of subjects) {
    // oxlint-disable-next-line no-await-in-loop -- one after another: registries without the referrers API keep one list a digest
    const found = (await readAttached(store, subject.digest)).find((item) => item.bundle !== undefined && sha256Hex(item.bundle) === sha256)
    // oxlint-disable-next-line no-await-in-loop -- the same
    manifests.push(found?.manifest ?? (await pushReferrer(store, subject, bundle, predicateType, context.now())).digest)
    attached ||= found === undefined
  }
  return {manifest: manifests[0] ?? '', attached}
}
