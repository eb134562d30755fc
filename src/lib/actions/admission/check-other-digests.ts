/**
 * Is a digest that runs a part of the image that was let in? A node may name the manifest of its platform where the pod
 * names the index of all, or the configuration where it got the image without a registry. Only the registry can tell.
 */
import type {AllowedImage} from '../../admission/allowed-requests.ts'
import {differentDigest, type OtherDigest} from '../../admission/reconcile-pods.ts'
import type {Difference} from '../../admission/reconciled-difference.ts'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import type {ImageStore} from '../../ports/images.ts'
import {inOrder} from '../in-order.ts'

const AT_ONCE = 8

/** Those that are no part of it, and those of which it could not be told. */
export async function checkOtherDigests(others: readonly OtherDigest[], context: Context): Promise<readonly Difference[]> {
  const known = new Map<string, Promise<ReadonlySet<string> | string>>()
  const partsOf = async (image: AllowedImage) => {
    const name = `${image.repository}@${image.digest}`
    const parts = known.get(name) ?? readParts(image, context)
    known.set(name, parts)
    return parts
  }
  const differences: Difference[] = []
  for await (const difference of inOrder(others, AT_ONCE, async (other) => checkOne(other, partsOf))) differences.push(...difference)
  return differences
}

async function checkOne(other: OtherDigest, partsOf: (image: AllowedImage) => Promise<ReadonlySet<string> | string>): Promise<readonly Difference[]> {
  const answers = await Promise.all(other.admitted.filter(({digest}) => digest !== undefined).map(partsOf))
  if (answers.some((parts) => typeof parts !== 'string' && parts.has(other.image.runs))) return []
  const trouble = answers.find((parts) => typeof parts === 'string')
  return [trouble === undefined ? differentDigest(other, 'other-digest') : differentDigest(other, 'digest-not-checked', trouble)]
}

/** Every digest under which the image may run, or why it cannot be told. */
async function readParts({repository, digest}: AllowedImage, context: Context): Promise<ReadonlySet<string> | string> {
  try {
    const target = await context.target(`registry:${repository}@${digest}`)
    if (target.kind !== 'registry' || digest === undefined) throw new AppError('bug', `${repository} is no repository of a registry`)
    return new Set(await partsIn(await context.images(target), digest))
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

async function partsIn(store: ImageStore, digest: string): Promise<string[]> {
  const {json} = await store.resolve(digest)
  const children = await Promise.all((json.manifests ?? []).map(async (child) => partsIn(store, child.digest)))
  return [digest, ...(json.config === undefined ? [] : [json.config.digest]), ...children.flat()]
}
