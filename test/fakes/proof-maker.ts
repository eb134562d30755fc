/**
 * Proofs out of a made-up log of made-up records, signed by keys of the test.
 *
 * Promise: without `leaf`, `written`, `stored` or `sign` it is a proof as `evidence prove` writes it, of the record number `at`; with
 * them, what somebody who holds the log's key could make.
 */
import {generateKeyPairSync, sign, type KeyObject} from 'node:crypto'
import canonicalize from 'canonicalize'
import {recordKey} from '../../src/lib/evidence/key.ts'
import {checkpointNote, checkpointText} from '../../src/lib/ledger/checkpoint.ts'
import {leafBytes, type Leaf} from '../../src/lib/ledger/leaf.ts'
import {verifierKey, type VerifierKey} from '../../src/lib/ledger/note.ts'
import {encodeExtra} from '../../src/lib/ledger/proof-extra.ts'
import {createProver} from '../../src/lib/ledger/prover.ts'
import {formatProof} from '../../src/lib/ledger/tlog-proof.ts'
import {leafHash} from '../../src/lib/ledger/tree.ts'
import {sha256Hex, type SealedRecord} from '../../src/lib/evidence/record.ts'
import {EvidenceWriter} from './evidence-writer.ts'

export const ORIGIN = 'acme.example/evidence'

export interface LogKey {
  readonly verifier: VerifierKey
  readonly pem: string
  readonly sign: (text: Uint8Array) => Uint8Array
}

export function logKey(algorithm: 'ed25519' | 'ecdsa-p256' = 'ed25519', origin = ORIGIN): LogKey {
  const {publicKey, privateKey} = pair(algorithm)
  return {
    verifier: verifierKey(origin, publicKey.export({format: 'der', type: 'spki'})),
    pem: publicKey.export({format: 'pem', type: 'spki'}).toString(),
    sign: (text) => sign(algorithm === 'ed25519' ? null : 'sha256', text, privateKey),
  }
}

export interface ProofOptions {
  readonly key: LogKey
  /** Records of the log. Default 7. */
  readonly size?: number
  /** Which one. Default 3. */
  readonly at?: number
  /** What the log holds instead of the leaf. */
  readonly leaf?: (leaf: Leaf) => unknown
  /** Of the leaf's bytes. */
  readonly written?: (leaf: string) => string
  /** Bytes in place of the record's; the leaf is about them. */
  readonly stored?: Uint8Array
  readonly sign?: (text: Uint8Array) => Uint8Array
}

export interface MadeProof {
  readonly text: string
  readonly record: SealedRecord
}

export function makeProof({key, size = 7, at = 3, ...odd}: ProofOptions): MadeProof {
  const writer = new EvidenceWriter({put: async () => 'written'})
  const records = Array.from({length: size}, (_, index) => writer.seal('test', {name: `suite ${index}`, passed: index, failed: 0, skipped: 0}))
  const record = records[at]
  if (record === undefined) throw new Error(`there is no record ${at}`)
  const stored = odd.stored ?? record.bytes
  const shown = leafOf({...record, bytes: stored})
  const leaf = Buffer.from((odd.written ?? String)(canonicalize(odd.leaf === undefined ? shown : odd.leaf(shown)) ?? ''))
  const prover = createProver()
  let path: readonly string[] = []
  records.forEach((one, index) => {
    if (index === at) path = prover.followNext()
    prover.append(leafHash(index === at ? leaf : leafBytes(leafOf(one))))
  })
  const head = {origin: key.verifier.name, size, root: prover.finish()}
  const signature = (odd.sign ?? key.sign)(Buffer.from(checkpointText(head)))
  return {record, text: formatProof({extra: encodeExtra({leaf, record: stored}), index: at, path, checkpoint: checkpointNote(head, key.verifier, signature)})}
}

function leafOf({record, bytes}: Pick<SealedRecord, 'record' | 'bytes'>): Leaf {
  const {id, runid, job, seq, prevsha256, time, stream} = record
  return {
    v: 1,
    key: recordKey(stream, id, sha256Hex(bytes)),
    sha256: sha256Hex(bytes),
    size: bytes.length,
    last_modified: '2026-03-02T09:00:00.000Z',
    stream,
    told: {
      runid,
      job,
      seq,
      ...(prevsha256 !== undefined && {prevsha256}),
      time,
      outcome: record.data.outcome,
      blobs: record.data.blobs.map(({sha256}) => sha256),
    },
  }
}

function pair(algorithm: 'ed25519' | 'ecdsa-p256'): {publicKey: KeyObject; privateKey: KeyObject} {
  return algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', {namedCurve: 'P-256'})
}
