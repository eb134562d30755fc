/**
 * Writes made-up evidence into a store, one record after another, with times of the test's choosing.
 *
 * Promise: what it writes is valid, sealed and chained as the real recorder's
 * is; the same calls give the same bytes. All names in it are invented.
 */
import {createHash} from 'node:crypto'
import {ulid} from 'ulid'
import {encodeFindings, type Finding} from '../../src/lib/evidence/finding.ts'
import {blobKey} from '../../src/lib/evidence/key.ts'
import {sealRecord, sha256Hex, type SealedRecord} from '../../src/lib/evidence/record.ts'
import {SCHEMA_URN, type Actor, type Change, type DetailOf, type Outcome, type ToolRecord} from '../../src/lib/evidence/schema.ts'
import type {Stream} from '../../src/lib/evidence/streams.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import {spdx, type Component} from './spdx-document.ts'

export interface RunPlace {
  readonly runid: string
  readonly job: string
  seq: number
  last?: string
}

export interface WriteOptions {
  readonly at?: string
  readonly subject?: string
  readonly environment?: string
  readonly system?: string
  readonly outcome?: Outcome
  readonly actor?: Actor
  readonly change?: Change
  readonly tools?: readonly ToolRecord[]
  readonly blobs?: Readonly<Record<string, Uint8Array>>
  /** Default: a run of its own, as a process without a run file has. */
  readonly run?: RunPlace
}

export const SYSTEM = 'patient-api'
export const REPOSITORY = 'registry.example/prod/patient-api'
export const SCANNER: ToolRecord = {
  name: 'trivy',
  version: '0.74.0',
  sha256: hex('trivy'),
  database: {updated_at: '2026-03-01T00:00:00.000Z', sha256: hex('db')},
}

/** A made-up digest that is the same for the same words. */
export function hex(words: string): string {
  return createHash('sha256').update(words).digest('hex')
}

export function digestOf(words: string): string {
  return `sha256:${hex(words)}`
}

export function image(words: string, repository = REPOSITORY): string {
  return `${repository}@${digestOf(words)}`
}

export class EvidenceWriter {
  readonly #store: Pick<EvidenceStore, 'put'>
  #count = 0
  /** Time of the next record that does not say its own; a second passes with each. */
  #clock: number

  /** @param start a second before the first record */
  constructor(store: Pick<EvidenceStore, 'put'>, start = '2026-03-02T08:00:00.000Z') {
    this.#store = store
    this.#clock = Date.parse(start)
  }

  run(job = 'main'): RunPlace {
    return {runid: this.id(new Date(this.#clock).toISOString()), job, seq: -1}
  }

  /** Another job of a run that has started. */
  jobOf(run: RunPlace, job: string): RunPlace {
    return {runid: run.runid, job, seq: 0, ...(run.last !== undefined && {last: run.last})}
  }

  id(at: string): string {
    this.#count += 1
    return `${ulid(Date.parse(at)).slice(0, 10)}${String(this.#count).padStart(16, '0')}`
  }

  async write<S extends Stream>(stream: S, detail: DetailOf<S>, options: WriteOptions = {}): Promise<SealedRecord> {
    const sealed = this.seal(stream, detail, options)
    for (const bytes of Object.values(options.blobs ?? {})) await this.#store.put(blobKey(sha256Hex(bytes)), bytes)
    await this.#store.put(sealed.key, sealed.bytes)
    return sealed
  }

  /** A record that is not put: its place in the chain is taken all the same. */
  seal<S extends Stream>(stream: S, detail: DetailOf<S>, options: WriteOptions = {}): SealedRecord {
    const at = options.at ?? new Date((this.#clock += 1000)).toISOString()
    const run = options.run ?? {runid: this.id(at), job: 'main', seq: 0}
    run.seq += 1
    const sealed = sealRecord({
      specversion: '1.0',
      id: this.id(at),
      time: at,
      type: `hipaa-ci.${stream}.v1`,
      source: 'example/patient-api#build',
      subject: options.subject ?? `urn:hipaa-ci:run:${run.runid}`,
      datacontenttype: 'application/json',
      dataschema: SCHEMA_URN,
      stream,
      runid: run.runid,
      job: run.job,
      seq: run.seq,
      ...(run.last !== undefined && {prevsha256: run.last}),
      toolversion: 'hipaa-ci/0.1.0',
      data: {
        system: options.system ?? SYSTEM,
        environment: options.environment ?? 'build',
        outcome: options.outcome ?? 'pass',
        actor: options.actor ?? {human: {id: 'jo', issuer: 'forge.example', basis: 'claimed'}},
        change: options.change ?? {authors: []},
        tools: options.tools ?? [],
        blobs: Object.entries(options.blobs ?? {}).map(([name, bytes]) => ({
          name,
          media_type: 'application/json',
          sha256: sha256Hex(bytes),
          size: bytes.byteLength,
        })),
        redaction: {rules: 5, count: 0},
        detail,
      },
    })
    run.last = sealed.sha256
    return sealed
  }

  /** An SBOM of one platform (the image itself) unless `platforms` says otherwise. */
  async sbom(subject: string, components: readonly Component[], options: WriteOptions & {unscanned?: number; platform?: string} = {}): Promise<SealedRecord> {
    const bytes = spdx(subject, components)
    const digest = options.platform ?? /sha256:[0-9a-f]{64}$/.exec(subject)?.[0]
    const detail: DetailOf<'sbom'> = {
      format: 'spdx-2.3+json',
      packages: components.length,
      platforms: [{platform: 'linux/amd64', packages: components.length, blob: 'sbom.spdx.json', ...(digest !== undefined && {digest})}],
      unscanned: Array.from({length: options.unscanned ?? 0}, () => ({what: 'linux/arm64', reason: 'scan.platform-missing'})),
    }
    return this.write('sbom', detail, {subject, blobs: {'sbom.spdx.json': bytes}, ...options})
  }

  async scan(
    subject: string,
    options: WriteOptions & {kind?: 'vulnerability' | 'secret' | 'code'; findings?: readonly Finding[]; unscanned?: number} = {},
  ): Promise<SealedRecord> {
    const detail: DetailOf<'scan'> = {
      kind: options.kind ?? 'vulnerability',
      mode: 'image',
      counts: {critical: 0, high: options.findings?.length ?? 0},
      platforms: [],
      unscanned: Array.from({length: options.unscanned ?? 0}, () => ({what: 'app.jar', reason: 'scan.incomplete'})),
    }
    return this.write('scan', detail, {subject, tools: [SCANNER], blobs: {'findings.json': encodeFindings(options.findings ?? [])}, ...options})
  }

  async gate(subject: string, decision: 'pass' | 'fail', options: WriteOptions = {}): Promise<SealedRecord> {
    return this.write('gate', {policy: hex('limits'), counts: {}, decision, reasons: [], waivers: [], scans: []}, {subject, outcome: decision, ...options})
  }

  async signature(subject: string, options: WriteOptions = {}): Promise<SealedRecord> {
    const detail = {
      signer: {spki: hex('key')},
      repository: REPOSITORY,
      credential_kind: 'key-file' as const,
      subjects: [],
      bundle: hex('bundle'),
      manifest: digestOf('manifest'),
    }
    return this.write('signature', detail, {subject, ...options})
  }

  async verification(
    subject: string,
    state: 'verified' | 'failed' | 'missing' | 'could-not-check',
    options: WriteOptions & {asOf?: string; reason?: string} = {},
  ): Promise<SealedRecord> {
    const at = options.at ?? new Date((this.#clock += 1000)).toISOString()
    const detail: DetailOf<'verification'> = {
      policy: hex('policy'),
      as_of: options.asOf ?? at,
      verdict: state,
      checks: [{name: 'signature', state, ...(options.reason !== undefined && {reason: options.reason})}],
    }
    return this.write('verification', detail, {subject, environment: 'production', ...options, at})
  }

  async deployment(subject: string, options: WriteOptions & Partial<DetailOf<'deployment'>> = {}): Promise<SealedRecord> {
    const {cluster, previous, rollback_of} = options
    const detail: DetailOf<'deployment'> = {
      namespace: options.namespace ?? 'patient-api',
      workload: options.workload ?? 'patient-api',
      ...(cluster !== undefined && {cluster}),
      ...(previous !== undefined && {previous}),
      ...(rollback_of !== undefined && {rollback_of}),
    }
    return this.write('deployment', detail, {subject, environment: 'production', ...options})
  }

  async admission(name: string, options: WriteOptions & Partial<DetailOf<'admission'>> = {}): Promise<SealedRecord> {
    const verdict = options.verdict ?? 'verified'
    const state = verdict === 'verified' ? 'verified' : 'failed'
    const detail: DetailOf<'admission'> = {
      cluster: options.cluster ?? 'prod-east',
      uid: options.uid ?? `uid-${this.#count}`,
      user: options.user ?? 'system:serviceaccount:kube-system:replicaset-controller',
      groups: [],
      namespace: options.namespace ?? 'patient-api',
      kind: options.kind ?? 'Pod',
      owner_chain: options.owner_chain ?? [{kind: 'ReplicaSet', name: 'patient-api-6d4cf56db6'}],
      operation: 'CREATE',
      dry_run: options.dry_run ?? false,
      mode: options.mode ?? 'enforce',
      image: name,
      path: options.path ?? 'spec.containers[0]',
      signatures_tried: options.signatures_tried ?? [{signer: {spki: hex('key')}, state}],
      policy: hex('policy'),
      verdict,
      reasons: options.reasons ?? (verdict === 'verified' ? [] : ['signature.missing']),
      ...(options.exemption !== undefined && {exemption: options.exemption}),
    }
    const outcome = verdict === 'verified' ? 'pass' : 'fail'
    return this.write('admission', detail, {outcome, environment: 'production', ...(name.includes('@sha256:') && {subject: name}), ...options})
  }

  async start(run: RunPlace, expected: readonly string[] = []): Promise<SealedRecord> {
    return this.write('run', {phase: 'start', expected: [...expected]}, {run})
  }

  async end(run: RunPlace, jobs: readonly RunPlace[] = [run], missing: readonly string[] = []): Promise<SealedRecord> {
    const counted = jobs.map(({job, seq, last}) => ({job, count: seq, last: last ?? hex('none')}))
    return this.write('run', {phase: 'end', expected: [], jobs: counted, missing: [...missing]}, {run})
  }
}
