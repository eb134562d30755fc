/**
 * Names that two readers of one manifest would take for different things.
 *
 * JSON names are letters, compared as they are; Go's reader, in every container
 * runtime, compares them without regard to case and takes the last one. With
 * `Digest` behind `digest` we would judge one image, and they would run another.
 */

/** What image-spec 1.1 gives a meaning: manifest.md and image-index.md; descriptor.md. */
const OF_MANIFESTS = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'manifests', 'subject', 'annotations']
const OF_DESCRIPTORS = ['digest', 'size', 'urls', 'data', 'platform', 'architecture', 'os', 'os.version', 'os.features', 'variant', 'features']
const BY_FOLD: ReadonlyMap<string, string> = new Map([...OF_MANIFESTS, ...OF_DESCRIPTORS].map((name) => [fold(name), name]))
/** Under these stands another object with such names, or a list of them; below a platform there is nothing. */
const INNER = ['config', 'layers', 'manifests', 'subject', 'platform']
const DEPTH = 3

/** The first name that is almost one of the specification's; undefined where there is none. */
export function inexactName(json: unknown, depth: number = DEPTH): string | undefined {
  if (depth === 0 || typeof json !== 'object' || json === null) return undefined
  const own = Object.keys(json).find((name) => (BY_FOLD.get(fold(name)) ?? name) !== name)
  if (own !== undefined) return own
  for (const [name, value] of Object.entries(json)) {
    const inner: readonly unknown[] = INNER.includes(name) ? [value].flat() : []
    for (const each of inner) {
      const found = inexactName(each, depth - 1)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** As Go does: ſ is an s, and the sign of Kelvin a k. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase()
}
