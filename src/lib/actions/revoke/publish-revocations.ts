/**
 * Signs the list of all that is revoked now, for those who verify and admit.
 *
 * The list is written before it is recorded: if the record fails, the error
 * says so, and a rerun publishes a newer list.
 */
import type {LongLived} from '../../config/schema.ts'
import {EXIT, type ExitCode} from '../../errors.ts'
import {PAYLOAD_TYPE, statementBytes} from '../../evidence/statement.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {redactBlob} from '../../evidence/redaction/blob.ts'
import type {SignerId} from '../../evidence/details.ts'
import type {Context} from '../../ports/context.ts'
import {REVOCATIONS_SUBJECT, REVOCATIONS_TYPE, revocationsPredicate, type RevokedImage} from '../../predicates/revocations.ts'
import {refuseForgotten} from './forgotten-revocations.ts'
import {noteNoReader, noteOtherKey} from './note-readers.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {revocationRecords, revokedBy} from './replay-revocations.ts'
import {keyText, policyText} from '../policy/policy-text.ts'
import {digestOf} from '../policy/select-policy.ts'
import {signStatement} from '../sign/sign-statement.ts'
import {openSigningKey} from '../sign/signing-key.ts'

export interface PublishRequest {
  readonly key?: string
  readonly allowLongLived?: readonly LongLived[]
  /** Puts the signed list where it was asked for, all of it or nothing. */
  readonly write: (bundle: Uint8Array) => Promise<void>
}

export interface PublishResult {
  readonly exitCode: ExitCode
  /** UTC; the age of the list is counted from here. */
  readonly issuedAt: string
  readonly revoked: readonly RevokedImage[]
  /** SHA-256 of the canonical JSON of `revoked`, hex: what the statement is about. */
  readonly list: string
  /** SHA-256 of the file, hex. */
  readonly bundle: string
  readonly signer: SignerId
  readonly record: string | undefined
}

/** @throws AppError `record.*`, `store.*`, `key.*`, `key-service.*`, `credentials.long-lived`, `redaction.blob` */
export async function publishRevocations({key: reference, allowLongLived, write}: PublishRequest, context: Context): Promise<PublishResult> {
  // Issued when reading began: what is revoked meanwhile belongs to the next list.
  const issuedAt = context.now().toISOString()
  const records = await revocationRecords(await context.store())
  await refuseForgotten(new Set(records.map(({id}) => id)), context)
  const predicate = revocationsPredicate(issuedAt, revokedBy(records).values())
  const list = digestOf(predicate.revoked)
  const key = await openSigningKey(reference, context, {...(allowLongLived !== undefined && {allowLongLived})})
  const statement = statementBytes({name: REVOCATIONS_SUBJECT, digests: [`sha256:${list}`], predicateType: REVOCATIONS_TYPE, predicate})
  redactBlob({name: 'the list of revocations', mediaType: PAYLOAD_TYPE, bytes: statement, exact: true}, undefined)

  context.progress.step(`Signing the list: ${predicate.revoked.length} revoked`)
  const {bundle, tool} = await signStatement(statement, key, context)
  await write(bundle)

  noteNoReader(context)
  noteOtherKey(key.public.spki, context)

  const signer = {spki: key.public.spki}
  const record = await recordEffect('the signed list of revocations', context, {
    stream: 'revocation',
    outcome: 'pass',
    detail: {action: 'publish', what: `sha256:${list}`, signer, revoked: predicate.revoked.length, since: issuedAt},
    ...(tool !== undefined && {tools: [tool]}),
    blobs: [
      {name: 'revocations.sigstore.json', mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: bundle, exact: true},
      policyText(predicate.revoked, 'revoked.json'),
      keyText(key.public),
    ],
  })
  return {exitCode: EXIT.ok, issuedAt, revoked: predicate.revoked, list, bundle: sha256Hex(bundle), signer, record}
}
