/** One record of each stream, synthetic, written by the writer that tests use. */
import type {SealedRecord} from '../../src/lib/evidence/record.ts'
import {EvidenceWriter, hex, image} from './evidence-writer.ts'
import {memoryStore} from './memory-store.ts'

export async function oneOfEach(): Promise<SealedRecord[]> {
  const writer = new EvidenceWriter(memoryStore())
  const subject = image('a')
  const attestation = {
    signer: {issuer: 'https://issuer.example', identity: 'ci'},
    predicate_type: 'https://spdx.dev/Document',
    subjects: [],
    statement: hex('s'),
    bundle: hex('b'),
    manifest: `sha256:${hex('m')}`,
  }
  return [
    await writer.start(writer.run(), ['test']),
    await writer.sbom(subject, []),
    await writer.scan(subject),
    await writer.gate(subject, 'pass'),
    await writer.signature(subject),
    await writer.write('attestation', attestation),
    await writer.verification(subject, 'verified'),
    await writer.write('approval', {
      to: 'production',
      person: 'jo',
      signer: {spki: hex('jo')},
      statement: hex('s'),
      bundle: hex('b'),
      manifest: `sha256:${hex('m')}`,
    }),
    await writer.write('promotion', {
      from: 'registry.example/team/app',
      to: 'registry.example/prod/app',
      tags: [{tag: 'v1', was: `sha256:${hex('o')}`}, {tag: 'latest'}],
      signer: {spki: hex('promotion')},
      signature: hex('b'),
      verification: hex('v'),
      policy: hex('policy'),
      approvals: [{person: 'jo', signer: {spki: hex('jo')}, bundle: hex('b')}],
    }),
    await writer.write('revocation', {action: 'revoke', what: `sha256:${hex('m')}`, reason: 'malicious', since: '2026-03-02T08:00:00.000Z'}),
    await writer.write('key', {action: 'retired', what: hex('key'), environments: ['production'], day: '2026-03-02'}),
    await writer.write('hold', {action: 'add', what: '01JXS8000000000000000000QE', reason: 'litigation', since: '2026-03-02T08:00:00.000Z', objects: 2}),
    await writer.write('store-audit', {versioning: 'enabled', lock: 'enabled', records: 1, blobs: 0, markers: 0, second_versions: 0, findings: []}),
    await writer.write('delivery', {records: [hex('r')], blobs: 1, oldest: '2026-03-02T08:00:00.000Z', newest: '2026-03-02T08:00:00.000Z'}),
    await writer.admission(subject),
    await writer.write('enforcement', {
      cluster: 'prod-east',
      replica: 'hipaa-ci-0',
      policy: hex('policy'),
      exempt: ['kube-system'],
      rollout: [{namespaces: ['team-a'], enforce_on: '2026-04-01T00:00:00.000Z'}],
      log: 'volume',
    }),
    await writer.write('canary', {cluster: 'prod-east', namespace: 'hipaa-ci', answer: 'admitted', last_refused: '2026-03-02T07:55:00.000Z'}),
    await writer.write('break-glass', {
      action: 'open',
      kind: 'exemption',
      cluster: 'prod-east',
      namespace: 'patient-api',
      digest: `sha256:${hex('m')}`,
      reason: 'outage',
      incident: 'INC-1',
      from: '2026-03-02T08:00:00.000Z',
      expires: '2026-03-02T12:00:00.000Z',
      statement: hex('s'),
    }),
    await writer.write('reconciliation', {
      source: 'cluster',
      cluster: 'prod-east',
      window: {from: '2026-03-01T08:00:00.000Z', to: '2026-03-02T08:00:00.000Z'},
      both: 1,
      only_source: 1,
      only_evidence: 0,
      first: [{side: 'source', what: 'patient-api/web-1', reason: 'no-allow-record'}],
    }),
    await writer.deployment(subject),
    await writer.write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0}),
    await writer.write('query', {name: 'rejected', version: 1, sql: hex('sql'), parameters: {since: '1h'}, rows: 0, head: 'not-sealed'}),
    await writer.write('custom', {schema: hex('schema'), name: 'drill', value: {minutes: [1, null, {a: true}]}}),
  ]
}
