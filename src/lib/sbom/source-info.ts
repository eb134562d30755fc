/**
 * Syft's sentence on where it saw a package (syft, spdxutil/helpers/source_info.go). Pure.
 *
 * It is the only hint of the type where there is no package URL: Syft gives
 * none to system packages of an image that does not say its distribution, and
 * just those must not be taken for packages of no known kind.
 */

export interface SourceInfo {
  /** Package URL type; undefined where the sentence does not tell. */
  readonly type?: string
  /** Without a leading slash. */
  readonly paths: readonly string[]
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['APK DB', 'apk'],
  ['DPKG DB', 'deb'],
  ['RPM DB', 'rpm'],
  ['PHP composer manifest', 'composer'],
  ['conan manifest', 'conan'],
  ['dotnet project assets file', 'nuget'],
  ['go module information', 'golang'],
  ['installed cocoapods manifest file', 'cocoapods'],
  ['installed gem metadata file', 'gem'],
  ['installed java archive', 'maven'],
  ['installed node module manifest file', 'npm'],
  ['installed python package manifest file', 'pypi'],
  ['pubspec manifest', 'pub'],
  ['rebar3 or mix manifest file', 'hex'],
  ['resolved Swift package manifest', 'swift'],
  ['rust cargo manifest', 'cargo'],
])

/** `acquired package info from DPKG DB: /var/lib/dpkg/status` -> deb, that path. */
export function readSourceInfo(sentence: string | undefined): SourceInfo {
  const [, source, paths] = /^acquired package info from ([^:]*): (.*)$/s.exec(sentence ?? '') ?? []
  if (source === undefined || paths === undefined) return {paths: []}
  const type = TYPES.get(source.replace(/^the /, ''))
  const list = paths.split(', ').filter((path) => path !== '')
  return {...(type !== undefined && {type}), paths: list.map((path) => path.replace(/^\/+/, ''))}
}
