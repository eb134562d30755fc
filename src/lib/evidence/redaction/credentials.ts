/**
 * Detectors for what opens something: keys, tokens, passwords.
 *
 * The forms with a prefix are those that the issuers publish so that scanners
 * can find them. The generic ones want a name before the value and look twice
 * at the value: prose, code, references and masks are left.
 */
import type {Rule} from './rule.ts'

const SECRET_NAME = String.raw`(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|account[_-]?key|private[_-]?key|auth[_-]?key|client[_-]?secret|credentials?)`

/** Literal beginnings, issuer by issuer. */
const PREFIXED: Readonly<Record<string, string>> = {
  'aws-key': String.raw`(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}`,
  'github-token': String.raw`(?:gh[pousr]_[A-Za-z0-9_]{36,255}|github_pat_[A-Za-z0-9_]{60,255})`,
  'gitlab-token': String.raw`(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt)-[A-Za-z0-9_.-]{20,255}|GR1348941[A-Za-z0-9_-]{20})`,
  'npm-token': String.raw`npm_[A-Za-z0-9]{36}`,
  'slack-token': String.raw`(?:xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255})`,
  'pypi-token': String.raw`pypi-AgE[A-Za-z0-9_-]{50,}`,
  'google-key': String.raw`AIza[A-Za-z0-9_-]{35}`,
  'stripe-key': String.raw`[rs]k_live_[A-Za-z0-9]{16,255}`,
  'vault-token': String.raw`hv[sbr]\.[A-Za-z0-9_-]{24,255}`,
  'docker-token': String.raw`dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,255}`,
  'sendgrid-key': String.raw`SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}`,
  'model-key': String.raw`sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,255}`,
  'age-key': String.raw`AGE-SECRET-KEY-1[A-Z0-9]{58}`,
}

export const CREDENTIALS: readonly Rule[] = [
  ...Object.entries(PREFIXED).map(([id, form]): Rule => ({
    id,
    kind: 'credential',
    pattern: new RegExp(String.raw`(?<![A-Za-z0-9_])${form}(?![A-Za-z0-9_])`, 'dg'),
  })),
  {
    id: 'slack-webhook',
    kind: 'credential',
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<value>[A-Za-z0-9_/+-]{20,})/dg,
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
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\\\s:,.-]*)/dg,
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
    pattern: /\b(?:bearer|basic)\s+(?<value>[A-Za-z0-9._~+/-]{16,4096}={0,2})(?![A-Za-z0-9])/dgi,
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
    // name: value, where prose is common: only what no word looks like.
    pattern: new RegExp(
      String.raw`${SECRET_NAME}(?<!cpe:[^\s"]{0,256}):\s{0,4}(?<value>(?=\S{0,512}\d)(?=\S{0,512}[A-Za-z])[^\s"'\x60,;&<>(){}[\]|]{6,512})`,
      'dgi',
    ),
    valid: (value) => !isPlaceholder(value) && !isReference(value),
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
