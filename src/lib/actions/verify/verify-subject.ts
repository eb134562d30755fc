/** What is to be verified: an image by an environment's policy, or a file or digest by bundles and the signer that is named. */
import {resolve} from 'node:path'
import {AppError, EXIT} from '../../errors.ts'
import {CLOCK_TOLERANCE} from '../../policy/select.ts'
import {isDigest, splitReference} from '../../images/reference.ts'
import {bothPathAndImage, readsAsReference} from '../../images/target.ts'
import type {Context} from '../../ports/context.ts'
import type {VerifyResult} from './record-verdict.ts'
import {verifyArtifact} from './verify-artifact.ts'
import {verifyImage, type VerifyRequest} from './verify-image.ts'

/** As many as a record names checks. */
const MAX_BUNDLES = 32

/** @throws AppError `usage.*`, and those of `verifyImage` and `verifyArtifact` */
export async function verifySubject(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  const {image: artifact, bundles} = request
  if (bundles !== undefined && bundles.length > MAX_BUNDLES)
    throw new AppError('usage.flag', `${bundles.length} bundles are given; at most ${MAX_BUNDLES} are read`)
  if (request.asOf !== undefined && request.asOf.getTime() > context.now().getTime() + CLOCK_TOLERANCE)
    throw new AppError('usage.flag', `--as-of ${request.asOf.toISOString()} is in the future, and nobody knows what will have been said by then`)
  if (bundles === undefined && isDigest(artifact))
    throw new AppError('usage.flag', `${artifact} is a bare digest, and nothing says where its signature is`, {
      fix: 'Add --bundle FILE for what it names, or give HOST/REPO@sha256:… for an image.',
    })
  if (bundles === undefined || !(await isArtifact(artifact, context))) {
    await refuseNoImage(artifact, context)
    return verifyImage(request, context)
  }

  const {key, identity, trustedRoot} = request
  for (const flag of ['environment', 'repository', 'asOf', 'attest'] as const)
    if (request[flag] !== undefined) {
      const name = flag === 'asOf' ? 'as-of' : flag
      throw new AppError('usage.flag', `--${name} is about images, and ${artifact} is ${isDigest(artifact) ? 'a bare digest' : 'a file'}`, {
        fix: `Leave --${name} out, or give HOST/REPO@sha256:….`,
      })
    }
  return verifyArtifact(
    {artifact, bundles, ...(key !== undefined && {key}), ...(identity !== undefined && {identity}), ...(trustedRoot !== undefined && {trustedRoot})},
    context,
  )
}

/** A file or a bare digest. A folder is none: nothing signs one. @throws AppError `usage.target` where an image is named, and a file lies there */
async function isArtifact(text: string, context: Context): Promise<boolean> {
  if (isDigest(text)) return true
  if (!(await context.files.exists(resolve(context.cwd, text)))) return false
  if (splitReference(text).digest !== undefined && readsAsReference(text)) throw bothPathAndImage(text)
  const target = await context.target(text).catch(() => undefined)
  return target?.kind !== 'layout' && target?.kind !== 'folder'
}

/** What names no image was meant as a file. @throws AppError `usage.target` */
async function refuseNoImage(text: string, context: Context): Promise<void> {
  try {
    await context.target(text)
  } catch (error) {
    if (!(error instanceof AppError) || error.exitCode !== EXIT.usage || /[:@]/.test(text)) throw error
    if (!(await context.files.exists(resolve(context.cwd, text))))
      throw new AppError('usage.target', `there is no file ${JSON.stringify(text)}, and it names no image`, {cause: error})
    throw new AppError('usage.target', error.message, {fix: `hipaa-ci verify ${text} --bundle FILE --key FILE`, cause: error})
  }
}
