/**
 * Who may do what in a bucket: one role a duty, as data. `docs/store.md` shows the same table, and a test holds it to this.
 *
 * Rules: who writes what was done cannot say that it was allowed. No role that writes records can read, change a lock or
 * remove anything, the auditor's and the hold-keeper's excepted, who read what they write about. Nobody writes a stream
 * and its seals.
 */
import type {Stream} from '../evidence/streams.ts'

export const ROLE_NAMES = [
  'build',
  'approver',
  'promoter',
  'platform',
  'admission',
  'auditor',
  'reader',
  'hold-keeper',
  'sealer',
  'anchor',
  'extender',
] as const
export type RoleName = (typeof ROLE_NAMES)[number]

/** What a role may do beside writing records. */
export interface Right {
  readonly sid: string
  readonly actions: readonly string[]
  /** `bucket`: the bucket itself; `copies`: the buckets of `sealing.copies`; else keys of the store, with `*`. */
  readonly on: 'bucket' | 'copies' | readonly string[]
  /** `list`: only this store's keys are listed. `extends`: only to COMPLIANCE, and to a date that is to come and near enough. */
  readonly only?: 'list' | 'extends'
}

export interface Role {
  readonly duty: string
  /** Streams whose records it may write, and blobs with them. */
  readonly writes: readonly Stream[]
  readonly rights: readonly Right[]
}

const LIST: Right = {sid: 'ListVersions', actions: ['s3:ListBucket', 's3:ListBucketVersions'], on: 'bucket', only: 'list'}
const READ_ACTIONS = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectRetention', 's3:GetObjectLegalHold']
const READ: readonly Right[] = [LIST, {sid: 'ReadVersions', actions: READ_ACTIONS, on: ['records/*', 'blobs/*', 'log/*']}]
const SEE_SETTINGS: Right = {
  sid: 'SeeSettings',
  actions: ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration', 's3:GetBucketPolicy', 's3:GetLifecycleConfiguration'],
  on: 'bucket',
}

/** `delivery` goes with every stream that a job writes: what waited in its spool came late by its own word. */
export const ROLES: Readonly<Record<RoleName, Role>> = {
  build: {
    duty: 'CI jobs: what was built, scanned, decided by the gate, signed, tested and rolled out',
    writes: ['run', 'sbom', 'scan', 'gate', 'signature', 'attestation', 'verification', 'test', 'custom', 'deployment', 'delivery'],
    rights: [],
  },
  approver: {duty: 'people who approve, or break the glass, each with their own login', writes: ['approval', 'break-glass', 'delivery'], rights: []},
  promoter: {
    duty: 'the job that brings approved images into an environment',
    writes: ['run', 'verification', 'attestation', 'promotion', 'deployment', 'delivery'],
    rights: [],
  },
  platform: {duty: 'the platform team: revoked images, signing keys', writes: ['revocation', 'key', 'delivery'], rights: []},
  admission: {duty: 'the admission service of a cluster', writes: ['run', 'admission', 'enforcement', 'canary', 'break-glass', 'delivery'], rights: []},
  auditor: {
    duty: 'who asks, verifies and audits, and leaves a record of it',
    writes: ['query', 'store-audit', 'reconciliation'],
    rights: [...READ, SEE_SETTINGS],
  },
  reader: {duty: 'who reads, and leaves no record (--no-record)', writes: [], rights: READ},
  'hold-keeper': {
    duty: 'who puts a legal hold on records, and lifts it',
    writes: ['hold'],
    rights: [...READ, {sid: 'SetHolds', actions: ['s3:PutObjectLegalHold'], on: ['records/*', 'blobs/*']}],
  },
  sealer: {
    duty: 'who seals: appends to the log, and signs its checkpoints',
    writes: [],
    rights: [...READ, {sid: 'WriteLog', actions: ['s3:PutObject'], on: ['log/*']}],
  },
  anchor: {
    duty: 'who copies checkpoints out of the hands of who owns the bucket',
    writes: [],
    rights: [LIST, {sid: 'ReadLog', actions: READ_ACTIONS, on: ['log/*']}, {sid: 'WriteCopies', actions: ['s3:PutObject', 's3:GetObject'], on: 'copies'}],
  },
  extender: {
    duty: 'who makes locks longer; nothing else, so it goes along with the reader',
    writes: [],
    rights: [{sid: 'ExtendLocks', actions: ['s3:PutObjectRetention'], on: ['records/*', 'blobs/*', 'log/*'], only: 'extends'}],
  },
}

export function isRoleName(name: unknown): name is RoleName {
  return ROLE_NAMES.some((role) => role === name)
}

/** Roles that may write records of `stream`. */
export function writersOf(stream: Stream): RoleName[] {
  return ROLE_NAMES.filter((name) => ROLES[name].writes.includes(stream))
}
