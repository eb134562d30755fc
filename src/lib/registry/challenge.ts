/** `WWW-Authenticate` (RFC 9110 11.6.1) as registries send it: Bearer with realm, service and scope, or Basic. */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer'
  readonly parameters: Readonly<Record<string, string>>
}

const CHALLENGE = /(?:^|,)\s*(basic|bearer)(?=\s|$)\s*((?:[a-z_-]+=(?:"(?:[^"\\]|\\.)*"|[^\s",]+)\s*,?\s*)*)/gi
const PARAMETER = /([a-z_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi

/** The strongest challenge that is understood: Bearer before Basic. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null || header.length > 4096) return undefined
  const found = [...header.matchAll(CHALLENGE)].map(([, scheme = '', text = '']): Challenge => ({
    scheme: scheme.toLowerCase() === 'bearer' ? 'bearer' : 'basic',
    parameters: Object.fromEntries(
      [...text.matchAll(PARAMETER)].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '']),
    ),
  }))
  return found.find(({scheme}) => scheme === 'bearer') ?? found[0]
}
