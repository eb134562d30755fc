/**
 * Detectors for what opens something: keys, tokens, passwords.
 *
 * The forms with a prefix are those that the issuers publish so that scanners
 * can find them. The generic ones want a name before the value and look twice
 * at the value: prose, code, references and masks are left.
 */
import {PROVIDERS} from './providers.ts'
import type {Rule} from './rule.ts'

const SECRET_NAME = String.raw`(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|account[_-]?key|private[_-]?key|auth[_-]?key|app(?:lication)?[_-]?key|master[_-]?key|routing[_-]?key|client[_-]?secret|credentials?)`

export const CREDENTIALS: readonly Rule[] = [
  ...PROVIDERS,
  {
    id: 'webhook',
    kind: 'credential',
    // Whoever knows the address may post.
    pattern:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|\.webhook\.office\.com\/webhookb2)\/(?<value>[A-Za-z0-9_/+@-]{20,512})/dg,
  },
  {
    id: 'azure-sas',
    kind: 'credential',
    needs: ['sig='],
    pattern: /[?&]sig=(?<value>[A-Za-z0-9%+/]{43,100}=?)/dg,
  },
  {
    id: 'jwt',
    kind: 'credential',
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/dg,
    valid: isJwt,
  },
  {
    id: 'private-key',
    kind: 'credential',
    // To its end, or as far as it goes where it was cut off.
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,16384}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\\\s:,.-]*)/dg,
  },
  {
    id: 'url-password',
    kind: 'credential',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/?#:@"'<>]{0,256}:(?<value>[^\s/?#@"'<>]{1,256})@/dgi,
    valid: (value) => !isPlaceholder(value),
  },
  {
    id: 'authorization',
    kind: 'credential',
    pattern: /\b(?:bearer|basic|ssws)\s+(?<value>[A-Za-z0-9._~+/-]{16,4096}={0,2})(?![A-Za-z0-9])/dgi,
    valid: (value) => /\d/.test(value) && /[A-Za-z]/.test(value) && !isPlaceholder(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // name=value, name: 'value'
    pattern: new RegExp(
      String.raw`${SECRET_NAME}["']?(?:\s{0,4}(?::=|=>|=)\s{0,4}|:\s{0,4}(?=["']))(?:"(?<value>[^"\n]{4,512})"|'(?<single>[^'\n]{4,512})'|(?<bare>[^\s"'\x60,;&<>(){}[\]|]{4,512})(?![(\w]))`,
      'dgi',
    ),
    label: {name: new RegExp(`${SECRET_NAME}$`, 'i'), whole: /^[^\n]{4,4096}$/},
    valid: (value) => !isPlaceholder(value) && !isReference(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // DB_PASS=value, as variables are called; PASS alone is how a test went.
    needs: ['_PASS'],
    pattern:
      /(?<![A-Za-z])[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){0,6}_PASS["']?\s{0,4}[:=]\s{0,4}(?:"(?<value>[^"\n]{4,512})"|'(?<single>[^'\n]{4,512})'|(?<bare>[^\s"'`,;&<>(){}[\]|]{4,512}))/dg,
    label: {name: /^[A-Z][A-Z0-9_]{0,128}_PASS$/, whole: /^[^\n]{4,4096}$/},
    valid: (value) => !/^(?:true|false|null|none|\d+(?:\.\d+)?%?)$/i.test(value) && !isPlaceholder(value) && !isReference(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // --name value, as a command line shows it.
    pattern: new RegExp(
      String.raw`(?<![\w-])--?(?:[\w-]{0,30}[-_])?${SECRET_NAME}\s{1,4}(?:"(?<value>[^"\n]{4,512})"|'(?<single>[^'\n]{4,512})'|(?<bare>(?=\S{0,512}\d)(?=\S{0,512}[A-Za-z])[^\s"'-][^\s"']{3,511}))`,
      'dgi',
    ),
    valid: (value) => !isPlaceholder(value) && !isReference(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // name: value, where prose is common: only what no word looks like. `team/auth-token:sha-1a2b3c4` is an image, or who may act.
    pattern: new RegExp(
      String.raw`${SECRET_NAME}(?<!cpe:[^\s"]{0,256})(?:(?<!/[\w.-]{0,128}|\barn:[\w:-]{0,128}):|:\s{1,4})(?<value>(?=\S{0,512}\d)(?=\S{0,512}[A-Za-z])[^\s"'\x60,;&<>(){}[\]|]{6,512})`,
      'dgi',
    ),
    valid: (value) => !isPlaceholder(value) && !isReference(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // <password>value</password>; <add key="Password" value="value"/>
    pattern: new RegExp(
      String.raw`(?:<[\w:.-]{0,64}${SECRET_NAME}>(?<value>[^<\n]{4,512})<|\b(?:name|key)=["'][\w:./ -]{0,64}${SECRET_NAME}["']\s{1,4}value=(?:"(?<single>[^"\n]{4,512})"|'(?<bare>[^'\n]{4,512})'))`,
      'dgi',
    ),
    valid: (value) => !isPlaceholder(value) && !isReference(value),
  },
  {
    id: 'password',
    kind: 'credential',
    // What has a grammar of its own: netrc, npmrc, curl.
    pattern:
      /(?:\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8}(?<value>\S{3,512})|(?<![\w])_auth\s{0,4}=\s{0,4}"?(?<single>[^\s"]{4,1024})|\bcurl\b[^\n]{0,256}?\s(?:-u|--user)[ =]?["']?[^\s:"']{1,128}:(?<bare>[^\s"']{3,512}))/dg,
    valid: (value) => !isPlaceholder(value),
  },
  {
    id: 'registry-login',
    kind: 'credential',
    // As `docker login` keeps it: base64 of user:password.
    pattern: /"auth":\s{0,4}"(?<value>[A-Za-z0-9+/]{8,4096}={0,2})"/dg,
    label: {name: /^auth$/, whole: /^[A-Za-z0-9+/]{8,4096}={0,2}$/},
    valid: (value) => /^[\x21-\x39\x3b-\x7e]{1,256}:[\x20-\x7e]{1,4096}$/.test(Buffer.from(value, 'base64').toString('latin1')),
  },
]

function isJwt(value: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(value.slice(0, value.indexOf('.')), 'base64url').toString('utf8'))
    return typeof header === 'object' && header !== null && 'alg' in header
  } catch {
    // Not base64 of JSON: then it is no token, whatever it looks like.
    return false
  }
}

/** Masked, empty, or standing for a value that comes later. */
function isPlaceholder(value: string): boolean {
  return /^(?:[*xX•.#-]+|\$.*|%[^%]*%?|\{\{.*|<.*|\[redacted:.*|.*\*{4,}.*|(?:true|false|null|none|nil|undefined|unset|empty|string|required|optional|yes|no|env|file):?.{0,0})$/i.test(
    value,
  )
}

/** A version, an address, an id that is public, or code that fetches the value from elsewhere. */
function isReference(value: string): boolean {
  return (
    /^[\^~<>=v ]*\d+(?:\.\d+)+[\w.+-]*$/.test(value) ||
    /^(?:https?:\/\/|pkg:|sha256:|env:|file:|arn:|awskms:|\/|\.\.?\/)/i.test(value) ||
    /^(?:CVE-|GHSA-|CWE-)/i.test(value) ||
    /^[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+$/.test(value)
  )
}
