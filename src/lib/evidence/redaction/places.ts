/** Detectors for home folders: the name in `/home/<name>`, `/Users/<name>`, `C:\Users\<name>`. Accounts that belong to no person stay. */
import type {Rule} from './rule.ts'

const NOBODY =
  /^(?:runner|runneradmin|runneruser|node|app|appuser|nonroot|nobody|user|root|jenkins|gitlab-runner|circleci|vsts|vsts_azpcontainer|build|builder|buildkite-agent|ci|ubuntu|debian|ec2-user|vagrant|linuxbrew|default|public|shared|all users|containeradministrator|containeruser|administrator|work|web|www|www-data)$/i

export const PLACES: readonly Rule[] = [
  {
    id: 'home',
    kind: 'place',
    // Not the middle of another path or of an address.
    pattern: /(?<![A-Za-z0-9_.%~-])(?:\/home\/|\/Users\/)(?<value>[^\s/\\:"'`<>|*?,;()[\]{}]{1,64})/dg,
    valid: isPerson,
  },
  {
    id: 'home',
    kind: 'place',
    pattern:
      /\b[A-Za-z]:(?:\\{1,8}|\/)(?:Users|Documents and Settings)(?:\\{1,8}|\/)(?<value>[^/\\:"'`<>|*?,;()[\]{}\r\n]{1,64}?)(?=[/\\"'`<>|,;)\]}\r\n]|\s*$)/dgi,
    valid: isPerson,
  },
]

function isPerson(value: string): boolean {
  return !NOBODY.test(value) && !/^(?:\$|%|\.)/.test(value) && !value.startsWith('[redacted')
}
