/** Bundles that a person names by hand, as files. */
import {resolve} from 'node:path'
import {sha256Hex} from '../../evidence/record.ts'
import type {Attached} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {SignatureCheck, Trust} from '../../ports/signatures.ts'
import {toAttached} from './observe-image.ts'

export interface GivenBundle {
  readonly path: string
  /** Of its bytes, hex. */
  readonly sha256: string
  readonly check: SignatureCheck
}

/**
 * @param artifact what message signatures are about: bytes, or `sha256:<hex>`
 * @throws AppError `usage.input`
 */
export async function checkGiven(paths: readonly string[], trust: Trust, context: Context, artifact?: Uint8Array | string): Promise<GivenBundle[]> {
  const verify = await context.verifySignature()
  const given: GivenBundle[] = []
  // One at a time: each may be large.
  for (const path of paths) {
    const bytes = await context.files.read(resolve(context.cwd, path))
    given.push({path, sha256: sha256Hex(bytes), check: verify({form: 'bundle', bytes}, trust, artifact)})
  }
  return given
}

/** As if they were attached to an image. @throws AppError `usage.input` */
export async function observeGiven(paths: readonly string[], trust: Trust, context: Context): Promise<Attached[]> {
  const given = await checkGiven(paths, trust, context)
  return given.map(({sha256, check}) => toAttached({manifest: `sha256:${sha256}`, sha256}, check))
}
