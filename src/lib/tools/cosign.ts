/**
 * Cosign: signs a statement that we built, byte for byte, with a key file or a key in a key service.
 *
 * An empty signing configuration and an empty trusted root keep it offline:
 * no transparency log, no timestamp authority, no download of a trust root.
 */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'

const SIGNING_CONFIG = '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}'
const TRUSTED_ROOT = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'

export interface SignInput {
  readonly statement: Uint8Array
  readonly key: CosignKey
}

export interface CosignKey {
  /** Absolute path of the private key file, or the URI of a key in a key service. */
  readonly reference: string
  /** The file's password (COSIGN_PASSWORD), or what reaches the service. */
  readonly variables: Readonly<Record<string, string>>
}

/** Statement in, Sigstore bundle v0.3 out. */
export const attestBlob: ToolSpec<SignInput, Uint8Array> = {
  tool: 'cosign',
  answers: [0],
  inputs: ({statement}) =>
    new Map([
      ['statement.json', statement],
      ['signing-config.json', Buffer.from(SIGNING_CONFIG)],
      ['trusted-root.json', Buffer.from(TRUSTED_ROOT)],
    ]),
  outputs: ['bundle.json'],
  argv: ({key}, scratch) => [
    'attest-blob',
    '--key',
    key.reference,
    '--statement',
    `${scratch}/statement.json`,
    '--bundle',
    `${scratch}/bundle.json`,
    '--signing-config',
    `${scratch}/signing-config.json`,
    '--trusted-root',
    `${scratch}/trusted-root.json`,
    '--yes',
  ],
  env: ({key}) => key.variables,
  timeout: 120_000,
  parse({files}) {
    const bundle = files.get('bundle.json')
    if (bundle === undefined || bundle.byteLength === 0) throw new AppError('tool.output', 'cosign wrote no bundle')
    return bundle
  },
}

/** The same with a key in a key service, which is not waited for as long as for a password. */
export const attestBlobByService: ToolSpec<SignInput, Uint8Array> = {...attestBlob, timeout: 60_000}

/** The public half of a key, PEM. */
export const publicKeyOf: ToolSpec<CosignKey, string> = {
  tool: 'cosign',
  answers: [0],
  outputs: [],
  argv: (key) => ['public-key', '--key', key.reference],
  env: (key) => key.variables,
  timeout: 60_000,
  parse({stdout}) {
    if (!stdout.includes('-----BEGIN PUBLIC KEY-----')) throw new AppError('tool.output', 'cosign printed no public key')
    return stdout
  },
}
