/**
 * The variables that a child process gets: a list, not what happens to be set. Tools read configuration from their own
 * variables (TRIVY_…, SYFT_…, COSIGN_…), and those of a job under test must not steer what judges it. Pure.
 */
import {delimiter, isAbsolute} from 'node:path'

const PASSED = [
  // Who and where: registry credentials and helpers are looked up below HOME.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'DOCKER_CONFIG',
  // The way out, and whom to believe there.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Windows starts nothing without these.
  'SystemRoot',
  'SYSTEMROOT',
  'windir',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
] as const

/**
 * The allow-listed part of `source`, then `extra`.
 * An extra CA file that only Node knows is handed on as SSL_CERT_FILE: on Linux, Go still reads the system's folder beside it.
 */
export function childEnvironment(source: Readonly<Record<string, string | undefined>>, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of PASSED) {
    const value = source[name]
    if (value !== undefined) result[name] = value
  }
  const extraCa = source['NODE_EXTRA_CA_CERTS']
  if (extraCa !== undefined && isAbsolute(extraCa) && result['SSL_CERT_FILE'] === undefined) result['SSL_CERT_FILE'] = extraCa
  if (result['PATH'] !== undefined) result['PATH'] = absoluteEntries(result['PATH'])
  return {...result, ...extra}
}

/** A relative entry of PATH names whatever lies in the working folder. */
function absoluteEntries(path: string): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter)
}
