/** Whether anybody who is configured here reads what is revoked: a list that nobody reads, or that is refused, stops no image. */
import type {Context} from '../../ports/context.ts'

/** The platform's policy may name a list, too; it is not read by who only writes one. */
export function noteNoReader({config, progress}: Context): void {
  if (config.revocations !== undefined || config.floor !== undefined) return
  progress.note('nothing here reads this list yet: add `revocations` to the configuration')
}

/** @param spki of the key that signs the list, hex */
export function noteOtherKey(spki: string, {config, progress}: Context): void {
  const pinned = config.revocations?.key.spki
  if (pinned === undefined || pinned === `sha256:${spki}`) return
  progress.note(`verify will refuse this list: it is signed by key sha256:${spki}, and \`revocations.key\` pins ${pinned}`)
}
