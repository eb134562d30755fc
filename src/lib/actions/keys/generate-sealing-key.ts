/**
 * A key pair that seals: `PREFIX.key` and `PREFIX.pub`, and the lines of the configuration that bring it into use.
 *
 * The lines are for a person to write down: what signed until now has to stay in `sealing.keys`, or it counts no more.
 */
import {relative, sep} from 'node:path'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {Origin} from '../../evidence/primitives.ts'
import type {Context, SetupContext} from '../../ports/context.ts'
import {verifierKeys} from '../ledger/verifier-keys.ts'
import {makeSealingKey} from './make-sealing-key.ts'
import {newKeyFiles, type NewKeyFiles} from './new-key-files.ts'

export interface GenerateSealingKeyRequest {
  /** A path without its ending, from the working folder. */
  readonly prefix: string
  /** Of the log; default `sealing.origin`. */
  readonly origin?: string
}

export interface GenerateSealingKeyResult extends NewKeyFiles {
  readonly exitCode: ExitCode
  readonly origin: string
  /** `<origin>+<8 hex>+<base64>` */
  readonly verifierKey: string
  /** What to write into hipaa-ci.yaml, YAML. */
  readonly lines: readonly string[]
}

export type SealingKeyContext = Pick<SetupContext, 'cwd' | 'project' | 'progress' | 'variable'> & Pick<Context, 'config' | 'files' | 'checkpointKey'>

/** @throws AppError `usage.*`, `key.*`, `key-service.*` */
export async function generateSealingKey(request: GenerateSealingKeyRequest, context: SealingKeyContext): Promise<GenerateSealingKeyResult> {
  const {root, sealing} = context.config
  const origin = checkedOrigin(request.origin ?? sealing?.origin)
  // Asked before anything is made: what sealed until now must not be lost.
  const before = origin === sealing?.origin ? await verifierKeys([], context) : []
  const files = await newKeyFiles(request.prefix, context)
  const {text} = await makeSealingKey(files.privateKey, files.publicKey, origin, context)
  const lines = [
    'sealing:',
    `  key: ${JSON.stringify(`file:${relative(root, files.privateKey).split(sep).join('/')}`)}`,
    `  origin: ${JSON.stringify(origin)}`,
    '  keys:',
    ...[...before.map((key) => key.text), text].map((key) => `    - ${JSON.stringify(key)}`),
  ]
  return {exitCode: EXIT.ok, ...files, origin, verifierKey: text, lines}
}

function checkedOrigin(origin: string | undefined): string {
  if (origin === undefined)
    throw new AppError('usage.flag', 'nothing says what the log is called that the key is for', {
      fix: 'Add --origin NAME, a URL without a scheme, like acme.example/hipaa-evidence. It stays the same for the life of the log.',
    })
  const parsed = Origin.safeParse(origin)
  if (parsed.success) return parsed.data
  throw new AppError('usage.flag', `${JSON.stringify(origin)} cannot name a log: it ${parsed.error.issues[0]?.message}`)
}
