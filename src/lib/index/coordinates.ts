/**
 * What a component is called, in one form for the index and for whoever asks. Pure.
 *
 * `key` is the last part of the name in lower case, `group` what stands before
 * it: `@angular/core`, `org.apache.logging.log4j:log4j-core` and
 * `golang.org/x/net` are found by their last part alone, too.
 */
import {PackageURL} from 'packageurl-js'

export interface Coordinates {
  readonly key: string
  /** Empty where there is none. */
  readonly group: string
}

/** A component that somebody asks for; empty where they did not say. */
export interface Wanted extends Coordinates {
  /** Package URL type. */
  readonly type: string
  readonly version: string
}

/** The package URL says it best; without one, the name has to do. */
export function coordinatesOf(name: string, purl: string | undefined): Coordinates {
  const parsed = purl === undefined ? undefined : parsePurl(purl)
  return parsed === undefined ? splitName(name) : {key: parsed.key, group: parsed.group}
}

/**
 * `NAME`, `NAME@VERSION`, `GROUP:NAME@VERSION`, `@scope/name@VERSION` or a package URL.
 * Undefined where no name is left.
 */
export function parseWanted(text: string): Wanted | undefined {
  if (text.startsWith('pkg:')) return parsePurl(text)
  const at = text.lastIndexOf('@')
  const name = at > 0 ? text.slice(0, at) : text
  const coordinates = splitName(name)
  const version = at > 0 ? text.slice(at + 1) : ''
  return coordinates.key === '' || (at > 0 && version === '') ? undefined : {...coordinates, type: '', version}
}

function parsePurl(text: string): Wanted | undefined {
  try {
    const {type, namespace, name, version} = PackageURL.fromString(text)
    return {type: type ?? '', group: (namespace ?? '').toLowerCase(), key: name.toLowerCase(), version: version ?? ''}
  } catch {
    // Not a package URL after all: whoever asked is told, and a component is found by its name.
    return undefined
  }
}

function splitName(name: string): Coordinates {
  const lower = name.toLowerCase()
  const end = Math.max(lower.lastIndexOf('/'), lower.lastIndexOf(':'))
  return {key: lower.slice(end + 1), group: end < 0 ? '' : lower.slice(0, end)}
}
