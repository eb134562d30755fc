/** Proofs judged by nothing but themselves and the log's public key: no configuration, no store, no network. */
import {resolve} from 'node:path'
import {AppError, REASONS, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import type {EvidenceRecord} from '../../evidence/schema.ts'
import {judgeProof, type ProofVerdict} from '../../ledger/judge-proof.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import type {FileReader} from '../../ports/context.ts'
import {givenKeys} from './verifier-keys.ts'

export interface VerifyProofRequest {
  readonly files: readonly string[]
  /** Verifier keys, or files with some, or a public key in PEM. */
  readonly keys: readonly string[]
  /** The log that a key in PEM signs for. */
  readonly origin?: string
}

export type JudgedProof = {readonly file: string} & (
  | {
      readonly verdict: 'verified'
      readonly record: EvidenceRecord
      /** Of the record's stored bytes. */
      readonly sha256: string
      readonly leaf: Leaf
      /** From 0. */
      readonly index: number
      readonly log: {readonly origin: string; readonly size: number; readonly root: string; readonly signed_by: string}
    }
  | {readonly verdict: 'failed'; readonly reason: ReasonCode; readonly why: string; readonly fix: string}
)

export interface VerifyProofResult {
  readonly proofs: readonly JudgedProof[]
  readonly proves: string
  readonly does_not_prove: readonly string[]
  readonly exitCode: ExitCode
}

const PROVES = 'that the log held this record, byte for byte and in this place, when its checkpoint was signed'
const DOES_NOT_PROVE = [
  'that what the record says is true',
  'when it was written: the times are those of the writer and of the store',
  'that nothing else was recorded, before or since, that says otherwise',
  'that the log shows everybody the same: compare the checkpoint with one that somebody else kept',
] as const

/** @throws AppError `usage.*`, `checkpoint.unreadable-key`, `key.*` */
export async function verifyProof(
  {files, keys: given, origin}: VerifyProofRequest,
  context: {readonly cwd: string; readonly files: FileReader},
): Promise<VerifyProofResult> {
  if (files.length === 0) throw new AppError('usage.flag', 'there is no proof to verify')
  if (given.length === 0)
    throw new AppError('usage.flag', 'it is not said whose checkpoints count', {fix: 'Add --key KEY: the key of the log, from somebody that you trust.'})
  const keys = await givenKeys(given, context, origin)
  const proofs: JudgedProof[] = []
  for (const file of files) proofs.push(await judgeFile(file, keys, context))
  return {
    proofs,
    proves: PROVES,
    does_not_prove: DOES_NOT_PROVE,
    exitCode: worstExit(proofs.map((proof) => (proof.verdict === 'verified' ? 0 : REASONS[proof.reason].exit))),
  }
}

async function judgeFile(file: string, keys: readonly VerifierKey[], {cwd, files}: {readonly cwd: string; readonly files: FileReader}): Promise<JudgedProof> {
  return {file, ...said(judgeProof(await files.read(file === '-' ? file : resolve(cwd, file)), keys))}
}

type Said = JudgedProof extends infer P ? (P extends JudgedProof ? Omit<P, 'file'> : never) : never

function said(verdict: ProofVerdict): Said {
  if (verdict.state === 'failed') return {verdict: 'failed', reason: verdict.reason, why: verdict.why, fix: REASONS[verdict.reason].fix}
  const {record, leaf, index, checkpoint, signedBy} = verdict
  const {origin, size, root} = checkpoint
  return {verdict: 'verified', record, sha256: leaf.sha256, leaf, index, log: {origin, size, root, signed_by: signedBy}}
}
