/** All versions of a key at once, out of a list in which they stand together. */
import type {ObjectVersion} from '../../ports/evidence-store.ts'

export interface VersionGroup {
  readonly key: string
  /** The newest first. */
  readonly objects: readonly ObjectVersion[]
  readonly markers: readonly ObjectVersion[]
}

/** @param versions keys in order, a key's versions together */
export async function* versionGroups(versions: AsyncIterable<ObjectVersion>): AsyncGenerator<VersionGroup> {
  let open: ObjectVersion[] = []
  for await (const version of versions) {
    if (open.length > 0 && open[0]?.key !== version.key) {
      yield groupOf(open)
      open = []
    }
    open.push(version)
  }
  if (open.length > 0) yield groupOf(open)
}

function groupOf(versions: readonly ObjectVersion[]): VersionGroup {
  const key = versions[0]?.key ?? ''
  return {key, objects: versions.filter(({kind}) => kind === 'object'), markers: versions.filter(({kind}) => kind === 'delete-marker')}
}
