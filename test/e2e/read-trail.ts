/**
 * What a folder store alone says: its records, the bytes that they name, and their signatures, verified in process.
 *
 * Promise: reads nothing but the folder, and asks nobody.
 */
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {blobKey} from '../../src/lib/evidence/key.ts'
import {openRecord, sha256Hex} from '../../src/lib/evidence/record.ts'
import type {EvidenceRecord} from '../../src/lib/evidence/schema.ts'
import {Statement} from '../../src/lib/evidence/statement.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import type {SignatureCheck, TrustedKey} from '../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../fakes/dsse-signer.ts'

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

export interface TrailSignature {
  readonly record: EvidenceRecord
  readonly name: string
  /** Digest of the key that the record names for it. */
  readonly signer: string
  readonly check: SignatureCheck
  /** `sha256:<hex>` */
  readonly subjects: readonly string[]
  withOtherKey(): SignatureCheck
  altered(): SignatureCheck
}

export interface Trail {
  readonly records: readonly EvidenceRecord[]
  blob(sha256: string): Uint8Array | undefined
  /** Of bundles, policies and approvals; an image's own digests name no bytes of the store. */
  digestsNamedBy(record: EvidenceRecord): readonly string[]
  signatures(): readonly TrailSignature[]
}

export async function readTrail(store: string): Promise<Trail> {
  const files = (await readdir(join(store, 'records'), {recursive: true})).filter((file) => file.endsWith('.json.gz')).toSorted()
  const records = await Promise.all(files.map(async (file) => openRecord(await readFile(join(store, 'records', file)))))
  const entries = records.flatMap(({data}) => data.blobs)
  const blobs = new Map(await Promise.all(entries.map(async ({sha256}) => [sha256, await readFile(join(store, blobKey(sha256)))] as const)))
  for (const [sha256, bytes] of blobs) if (sha256Hex(bytes) !== sha256) throw new Error(`blob ${sha256} holds other bytes`)
  const keys = new Map(entries.filter(({name}) => name.endsWith('.pem')).flatMap(({sha256}) => keyIn(blobs.get(sha256))))
  return {
    records,
    blob: (sha256) => blobs.get(sha256),
    digestsNamedBy,
    signatures: () =>
      records.flatMap((record) =>
        record.data.blobs
          .filter(({media_type}) => media_type === BUNDLE)
          .map(({name, sha256}) => signature(record, name, blobs.get(sha256) ?? new Uint8Array(), keys)),
      ),
  }
}

function keyIn(bytes: Uint8Array | undefined): [string, TrustedKey][] {
  const key = bytes === undefined ? undefined : readPublicKey(Buffer.from(bytes).toString('utf8'))
  return key === undefined ? [] : [[key.spki, key]]
}

function digestsNamedBy({data: {detail}}: EvidenceRecord): string[] {
  const named = ['bundle', 'policy', 'signature', 'verification'].flatMap((member) => {
    const value: unknown = Reflect.get(detail, member)
    return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? [value] : []
  })
  return 'approvals' in detail ? [...named, ...detail.approvals.map(({bundle}) => bundle)] : named
}

function signature(record: EvidenceRecord, name: string, bytes: Uint8Array, keys: ReadonlyMap<string, TrustedKey>): TrailSignature {
  const signer = signerOf(record, name)
  const key = keys.get(signer)
  if (key === undefined) throw new Error(`the key ${signer} of ${record.stream} ${record.id} is not in the store`)
  const verify = (own: Uint8Array, by: TrustedKey) => verifySignature({form: 'bundle', bytes: own}, {keys: [by]})
  const check = verify(bytes, key)
  return {
    record,
    name,
    signer,
    check,
    subjects: subjectsOf(check),
    withOtherKey: () => verify(bytes, createSigner()),
    altered: () => {
      const text = Buffer.from(bytes).toString('utf8')
      const payload = /"payload":"([^"]+)"/.exec(text)?.[1] ?? ''
      const other = Buffer.from(Buffer.from(payload, 'base64').toString('utf8').replace('sha256', 'sha257')).toString('base64')
      return verify(Buffer.from(text.replace(payload, other)), key)
    },
  }
}

/** Of a promotion the approvals are by those whom it lists, in their order. */
function signerOf({data: {detail}}: EvidenceRecord, name: string): string {
  const place = /^approval-(\d+)\.json$/.exec(name)?.[1]
  const signer = place !== undefined && 'approvals' in detail ? detail.approvals[Number(place) - 1]?.signer : 'signer' in detail ? detail.signer : undefined
  return signer !== undefined && 'spki' in signer ? signer.spki : ''
}

function subjectsOf(check: SignatureCheck): string[] {
  if (check.state === 'failed' || check.content.kind !== 'statement') return []
  return Statement.parse(check.content.statement).subject.map(({digest}) => `sha256:${digest['sha256'] ?? ''}`)
}
