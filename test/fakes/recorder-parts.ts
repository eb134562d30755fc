/** All that a recorder is made of but its position, with invented facts; real time and real ids. */
import {monotonicFactory} from 'ulid'
import type {RecorderParts} from '../../src/lib/actions/evidence/record-evidence.ts'
import type {CiFacts} from '../../src/lib/ports/context.ts'
import {memoryStore} from './memory-store.ts'

export const FACTS: CiFacts = {
  platform: 'github-actions',
  ci: true,
  source: 'example/patient-api#build',
  job: 'build',
  actor: {
    human: {id: 'ada', issuer: 'https://forge.example', basis: 'ci-api'},
    workload: {id: 'repo:example/patient-api', issuer: 'https://token.forge.example', basis: 'claimed'},
  },
  change: {
    repository: 'example/patient-api',
    commit: 'a'.repeat(40),
    ref: 'refs/heads/main',
    authors: [{id: 'grace@example.com', issuer: 'git', basis: 'claimed'}],
  },
}

export function recorderParts(parts: Partial<RecorderParts> = {}): Omit<RecorderParts, 'position'> {
  const ulid = monotonicFactory()
  return {store: memoryStore(), ci: FACTS, system: 'patient-api', toolversion: 'hipaa-ci/0.1.0', now: () => new Date(), newId: () => ulid(), ...parts}
}
