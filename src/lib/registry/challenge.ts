/** `WWW-Authenticate` (RFC 9110 11.6.1) as registries send it: Bearer with realm, service and scope, or Basic. */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer'
  readonly parameters: Readonly<Record<string, string>>
}

/** `name="value"`, `name=value`, or a word alone: the scheme that the following parameters belong to. */
const TOKEN = /([a-z_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))|([a-z_-]+)(?=[\s,]|$)/gi
const HEADER_MAX = 4096

/** The strongest challenge that is understood: Bearer before Basic. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null || header.length > HEADER_MAX) return undefined
  const found: {scheme: string; parameters: Record<string, string>}[] = []
  for (const [, name, quoted, plain, scheme] of header.matchAll(TOKEN)) {
    if (scheme !== undefined) found.push({scheme: scheme.toLowerCase(), parameters: {}})
    const current = found.at(-1)
    if (name !== undefined && current !== undefined) current.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? ''
  }
  for (const scheme of ['bearer', 'basic'] as const) {
    const challenge = found.find((item) => item.scheme === scheme)
    if (challenge !== undefined) return {scheme, parameters: challenge.parameters}
  }
  return undefined
}
