/**
 * `hipaa-ci.yaml` as a type. Pure; `config/load.ts` reads the file and names the lines.
 *
 * Only keys that this version honours are known: a key that would be ignored
 * is refused, because an ignored limit looks like a kept one.
 */
import {z} from 'zod'
import {Admission} from './admission-schema.ts'
import {OciDigest} from '../evidence/primitives.ts'
import {Day, Duration, FileOrAddress, SigningKeyReference, SpkiPin, StoreAddress, TimestampPin} from './fields.ts'
import {Sealing, Writers} from './sealing-schema.ts'

const Limit = z.int().min(0)

/** Kinds of credentials that do not end by themselves. */
export const LONG_LIVED = ['key-file', 'aws-access-key'] as const
export type LongLived = (typeof LONG_LIVED)[number]

/** A key by digest, with the local file that holds it and the time it may be used. */
export const KeyPin = z.strictObject({
  spki: SpkiPin,
  file: z.string().min(1),
  from: Day.optional(),
  until: Day.optional(),
  status: z.enum(['active', 'retired', 'compromised']).default('active'),
})
export type KeyPin = z.infer<typeof KeyPin>

const SeverityLimits = z.strictObject({critical: Limit.optional(), high: Limit.optional(), medium: Limit.optional(), low: Limit.optional()})
/** The worst severities are limited to none even where only others are named: a limit left out must not open the gate. */
const GateSeverityLimits = SeverityLimits.extend({critical: Limit.default(0), high: Limit.default(0)})

export const GateLimits = z.strictObject({
  vulnerabilities: GateSeverityLimits.extend({'only-fixed': z.boolean().default(false), 'database-max-age': Duration.default(86_400_000)}).default({
    critical: 0,
    high: 0,
    'only-fixed': false,
    'database-max-age': 86_400_000,
  }),
  secrets: Limit.default(0),
  misconfigurations: GateSeverityLimits.default({critical: 0, high: 0}),
  /** Naming it makes the code scan (`--source`) a required scanner. */
  code: z.strictObject({error: Limit.default(0), warning: Limit.optional()}).optional(),
})
export type GateLimits = z.infer<typeof GateLimits>

/** A certificate identity; both are compared letter by letter, against `trusted-root`. */
export const IdentityPin = z.strictObject({issuer: z.url('must be the address of an OIDC issuer'), identity: z.string().min(1)})
export type IdentityPin = z.infer<typeof IdentityPin>

const Signers = z
  .strictObject({
    keys: z.array(KeyPin).min(1).optional(),
    identities: z.array(IdentityPin).min(1).optional(),
    'timestamp-authorities': z.array(TimestampPin).optional(),
  })
  .refine(({keys, identities}) => (keys ?? identities) !== undefined, 'must name keys or identities')

const Requires = z.strictObject({
  signature: Signers.optional(),
  sbom: z.strictObject({}).optional(),
  provenance: z
    .strictObject({
      builders: z.array(z.strictObject({id: z.string().min(1), key: SpkiPin, level: z.int().min(0).max(3)})).optional(),
      /** Patterns of git URIs: `git+https://github.com/acme/app@refs/heads/main`. */
      sources: z.array(z.string().min(1)).optional(),
      /** Names of inputs that a run may have been started with; any other is refused. */
      inputs: z.array(z.string().min(1)).optional(),
    })
    .optional(),
  scan: z.strictObject({'max-age': Duration.optional()}).optional(),
  gate: z.strictObject({max: SeverityLimits.optional(), policies: z.array(SpkiPin).optional()}).optional(),
})
export type Requires = z.infer<typeof Requires>

/** Whose approval counts: a person, known by a key or by an identity. */
export const ApproverPin = z.union(
  [z.strictObject({person: z.string().min(1), spki: SpkiPin, file: z.string().min(1)}), IdentityPin.extend({person: z.string().min(1)})],
  'must be {person, spki, file} or {person, issuer, identity}',
)
export type ApproverPin = z.infer<typeof ApproverPin>

export const Approvals = z.strictObject({
  minimum: z.int().min(1).default(1),
  /** Nobody approves what they wrote themselves. */
  'not-author': z.boolean().default(true),
  by: z.array(ApproverPin).min(1),
})
export type Approvals = z.infer<typeof Approvals>

/** The key that brings images into the environment's repository, and signs nothing else. */
export const Promotion = z.strictObject({key: SigningKeyReference, spki: SpkiPin, file: z.string().min(1)})
export type Promotion = z.infer<typeof Promotion>

export const Environment = z.strictObject({
  repository: z.string().min(1).optional(),
  match: z.strictObject({clusters: z.array(z.string().min(1)).min(1), namespaces: z.array(z.string().min(1)).min(1)}).optional(),
  requires: Requires.optional(),
  approvals: Approvals.optional(),
  promotion: Promotion.optional(),
})
export type Environment = z.infer<typeof Environment>

const Environments = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'), Environment)

/** What is run but was not built here. The most specific match wins. */
export const ImageRule = z
  .strictObject({
    match: z.string().min(1),
    digests: z.array(OciDigest).min(1).optional(),
    keys: z.array(KeyPin).min(1).optional(),
    identities: z.array(IdentityPin).min(1).optional(),
    'approved-by': z.string().min(1),
    until: Day,
  })
  .refine(({digests, keys, identities}) => (digests ?? keys ?? identities) !== undefined, 'must name digests, keys or identities')
export type ImageRule = z.infer<typeof ImageRule>

/** Where tables lie. */
const Folder = z.string().regex(/^folder:./, 'must be folder:PATH')

/** The platform's policy: a file or an https address, pinned by digest, or by who signed it (bundle beside it, `.sigstore.json`). */
const Floor = z
  .strictObject({
    file: FileOrAddress,
    sha256: z
      .string()
      .regex(/^(sha256:)?[0-9a-f]{64}$/, 'must be 64 lower-case hex characters')
      .optional(),
    key: z.strictObject({spki: SpkiPin, file: z.string().min(1)}).optional(),
  })
  .refine(({sha256, key}) => (sha256 ?? key) !== undefined, 'must have sha256 or key: what anybody could have written is no floor')

/** A signed list of what must not run any more: a file or an http(s) address. */
const Revocations = z.strictObject({
  from: FileOrAddress,
  'max-age': Duration.default(86_400_000),
  key: z.strictObject({spki: SpkiPin, file: z.string().min(1)}),
})

/** `env:NAME` or `file:PATH`: secrets never stand in the file. */
const Reference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'must be env:NAME or file:PATH')

/** Stands for a system that nobody named: commands that only read go on, and no record may be written under it. */
export const UNNAMED_SYSTEM = 'unnamed'

export const Config = z.strictObject({
  version: z.literal(1),
  system: z
    .string()
    .min(1)
    .max(256)
    .refine((name) => name !== UNNAMED_SYSTEM, 'is a reserved name'),
  store: StoreAddress.default('folder:.hipaa-ci/evidence'),
  /** A folder in which records wait where the store cannot be reached; absent: the command fails instead. */
  spool: z.string().min(1).optional(),
  sealing: Sealing.optional(),
  writers: Writers.optional(),
  index: Folder.optional(),
  query: z.strictObject({engine: z.literal('duckdb').default('duckdb')}).default({engine: 'duckdb'}),
  signing: z
    .strictObject({
      key: SigningKeyReference.optional(),
      /** An RFC 3161 authority that each signature is shown to; absent: no trusted time. */
      timestamp: z.url({protocol: /^https?$/, error: 'must be an http(s) address'}).optional(),
      /** Credentials that do not end by themselves, allowed in CI all the same, by name. */
      'allow-long-lived': z.array(z.enum(LONG_LIVED)).optional(),
    })
    .default({}),
  /** A Sigstore trusted root (JSON), `PATH` or `PATH@sha256:…`; identities are judged against it. */
  'trusted-root': z.string().min(1).optional(),
  floor: Floor.optional(),
  revocations: Revocations.optional(),
  /** Who is who: a YAML file, `PATH` or `PATH@sha256:…`. */
  identities: z.string().min(1).optional(),
  redaction: z.strictObject({key: Reference.optional()}).default({}),
  gate: GateLimits.default(() => GateLimits.parse({})),
  platforms: z
    .array(z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'must be OS/ARCH'))
    .min(1)
    .optional(),
  environments: Environments.default({}),
  images: z.array(ImageRule).default([]),
  admission: Admission.default(() => Admission.parse({})),
  tools: z
    .strictObject({
      /** Where `scan --update-db` downloads from; with only the first one given, the index of Java archives is left alone. */
      trivy: z.strictObject({'db-repository': z.string().min(1).optional(), 'java-db-repository': z.string().min(1).optional()}).default({}),
    })
    .default({trivy: {}}),
})

const PinnedFile = z.string().regex(/^.+@sha256:[0-9a-f]{64}$/s, 'must be PATH@sha256:<64 hex>: a policy must not rest on a file that anybody may replace')

/**
 * The platform's policy, a file of its own. All that it names by path is pinned:
 * keys by SPKI, lists by who signs them, other files by digest.
 */
export const PlatformPolicy = z.strictObject({
  version: z.literal(1),
  environments: Environments.optional(),
  images: z.array(ImageRule).optional(),
  admission: Admission.optional(),
  gate: GateLimits.optional(),
  revocations: Revocations.optional(),
  'trusted-root': PinnedFile.optional(),
  identities: PinnedFile.optional(),
})
export type PlatformPolicy = z.infer<typeof PlatformPolicy>

/** The configuration after defaults, with durations in milliseconds. */
export type Config = z.infer<typeof Config> & {
  /** Folder that relative paths in it start from: the file's, else the working folder. */
  readonly root: string
  /** Absolute path of the file, where one was found. */
  readonly file?: string
  /** The platform's own environments, where a floor is in force: what they refuse is refused, whatever stands in `environments`. */
  readonly platform?: Readonly<Record<string, Environment>>
}
