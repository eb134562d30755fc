import assert from 'node:assert/strict'
import {STREAMS} from '../../../src/lib/evidence/streams.ts'
import {encodeFindings, fingerprint, type Finding} from '../../../src/lib/evidence/finding.ts'
import type {SealedRecord} from '../../../src/lib/evidence/record.ts'
import {wantedBlobs} from '../../../src/lib/index/flatten-blob.ts'
import {flattenRecord} from '../../../src/lib/index/flatten-record.ts'
import {TABLES, type TableName} from '../../../src/lib/index/tables.ts'
import {digestOf, EvidenceWriter, hex, image, REPOSITORY} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {oneOfEach} from '../../fakes/one-of-each.ts'
import {spdx} from '../../fakes/spdx-document.ts'

const writer = () => new EvidenceWriter(memoryStore())

function rowsOf(sealed: SealedRecord, table: TableName): Record<string, unknown>[] {
  return flattenRecord(sealed).flatMap((item) => (item.table === table ? [item.row] : []))
}

describe('flattenRecord', () => {
  it('gives every table exactly its columns, of their types, for every stream', async () => {
    const records = await oneOfEach()
    assert.deepEqual(new Set(records.map(({record}) => record.stream)), new Set(STREAMS))
    const types = {VARCHAR: 'string', BIGINT: 'number', DOUBLE: 'number', BOOLEAN: 'boolean'}
    for (const {table, row} of records.flatMap(flattenRecord)) {
      assert.deepEqual(Object.keys(row).toSorted(), Object.keys(TABLES[table]).toSorted(), table)
      for (const [name, type] of Object.entries(TABLES[table])) {
        const value: unknown = (row as Record<string, unknown>)[name]
        assert.ok(value === null || typeof value === types[type], `${table}.${name} is ${typeof value}`)
      }
    }
  })

  it('has one row of records for each record', async () => {
    for (const sealed of await oneOfEach()) assert.equal(rowsOf(sealed, 'records').length, 1)
  })

  it('says of approvals, promotions, revocations and keys who decided what', async () => {
    const rows = (await oneOfEach()).flatMap((sealed) =>
      (['approvals', 'promotions', 'revocations', 'key_records'] as const).flatMap((table) => rowsOf(sealed, table).map((row) => ({table, ...row}))),
    )
    const pick = (table: string, ...names: readonly string[]) =>
      rows.filter((row) => row.table === table).map((row: Record<string, unknown>) => names.map((name) => row[name]))
    assert.deepEqual(pick('approvals', 'approved_for', 'person', 'signer'), [['production', 'jo', `sha256:${hex('jo')}`]])
    assert.deepEqual(pick('promotions', 'from_repository', 'to_repository', 'tags', 'moved_tags', 'approved_by', 'approvals'), [
      ['registry.example/team/app', 'registry.example/prod/app', 'v1, latest', `v1 sha256:${hex('o')}`, 'jo', 1],
    ])
    assert.deepEqual(pick('revocations', 'action', 'what', 'reason', 'since_ms', 'revoked'), [
      ['revoke', `sha256:${hex('m')}`, 'malicious', Date.parse('2026-03-02T08:00:00.000Z'), null],
    ])
    assert.deepEqual(pick('key_records', 'action', 'key_sha256', 'environments', 'key_day'), [['retired', hex('key'), 'production', '2026-03-02']])
  })

  it('splits the subject, and takes an image out of a layout by its digest', async () => {
    const named = await writer().gate(image('v1'), 'pass')
    const bare = await writer().gate(`urn:hipaa-ci:image:${digestOf('v1')}`, 'pass')
    const none = await writer().gate('urn:hipaa-ci:run:01JZ8Q4X5T7V9W2Y3A4B5C6D7E', 'pass')
    assert.deepEqual(
      [named, bare, none].map((sealed) => rowsOf(sealed, 'gates').map(({repository, digest}) => [repository, digest])),
      [[[REPOSITORY, digestOf('v1')]], [[null, digestOf('v1')]], [[null, null]]],
    )
  })

  it('names every digest that a record speaks of, once', async () => {
    const made = writer()
    const sealed = await made.write(
      'signature',
      {
        signer: {spki: hex('key')},
        repository: REPOSITORY,
        credential_kind: 'kms',
        subjects: [digestOf('index'), digestOf('amd64')],
        bundle: hex('b'),
        manifest: digestOf('m'),
      },
      {subject: image('index')},
    )
    assert.deepEqual(
      rowsOf(sealed, 'subjects').map(({subject_digest: digest}) => digest),
      [digestOf('index'), digestOf('amd64')],
    )
  })

  it("calls a ReplicaSet by its Deployment's name, and a bare pod a pod", async () => {
    const chains = [
      [[{kind: 'ReplicaSet', name: 'patient-api-6d4cf56db6'}], 'patient-api', 'Deployment'],
      [[{kind: 'ReplicaSet', name: 'patient-api'}], 'patient-api', 'ReplicaSet'],
      [[{kind: 'Job', name: 'nightly-29532120'}], 'nightly', 'CronJob'],
      [[{kind: 'StatefulSet', name: 'store-6d4cf56db6'}], 'store-6d4cf56db6', 'StatefulSet'],
      [
        [
          {kind: 'ReplicaSet', name: 'x-6d4cf56db6'},
          {kind: 'Rollout', name: 'x'},
        ],
        'x',
        'Rollout',
      ],
      [[], '(pod)', 'Pod'],
    ] as const
    for (const [chain, name, kind] of chains) {
      const sealed = await writer().admission(image('v1'), {owner_chain: [...chain]})
      assert.deepEqual(
        rowsOf(sealed, 'admissions').map((row) => [row['workload'], row['workload_kind']]),
        [[name, kind]],
      )
    }
  })

  it('calls a deployed workload as an admission does, whether or not its kind stands before it', async () => {
    const names = ['web', 'deployment/web', 'Deployment/web', 'deployments.apps/web', 'statefulset/web', 'team/web', 'deployment/'].map(
      async (workload) => rowsOf(await writer().deployment(image('v1'), {workload}), 'deployment_records')[0]?.['workload'],
    )
    assert.deepEqual(await Promise.all(names), ['web', 'web', 'web', 'web', 'web', 'team/web', 'deployment/'])
  })

  it('knows the repository of an image with a tag', async () => {
    for (const [name, repository] of [
      ['registry.example:5000/team/app:1.4', 'registry.example:5000/team/app'],
      ['registry.example:5000/team/app', 'registry.example:5000/team/app'],
      ['app:latest', 'app'],
    ] as const) {
      assert.deepEqual(
        rowsOf(await writer().admission(name), 'admissions').map((row) => row['repository']),
        [repository],
      )
    }
  })

  it('takes the good signature of several for the decisive one', async () => {
    const tried = [
      {signer: {spki: hex('other')}, state: 'failed', reason: 'signature.wrong-key'},
      {signer: {spki: hex('key')}, state: 'verified'},
    ]
    const [row] = rowsOf(await writer().admission(image('v1'), {signatures_tried: tried}), 'admissions')
    assert.deepEqual([row?.['signer'], row?.['signature_state'], row?.['signature_reason']], [`sha256:${hex('key')}`, 'verified', null])
  })

  it('takes the tool with a database for the scanner', async () => {
    const made = writer()
    const tools = [
      {name: 'syft', version: '1.51.0', sha256: hex('syft')},
      {name: 'trivy', version: '0.74.0', sha256: hex('trivy'), database: {updated_at: '2026-03-01T00:00:00.000Z', sha256: hex('db')}},
    ]
    const [row] = rowsOf(await made.scan(image('v1'), {tools}), 'scans')
    assert.equal(row?.['scanner'], 'trivy')
  })
})

describe('wantedBlobs', () => {
  const finding: Finding = {
    kind: 'vulnerability',
    id: 'CVE-2021-44228',
    fingerprint: fingerprint('x'),
    severity: 'critical',
    severity_source: 'nvd',
    package: {name: 'log4j-core', version: '2.14.1', type: 'maven'},
    fixed_version: '2.17.1',
  }

  it('flattens the components of an SBOM, without the image itself', async () => {
    const sealed = await writer().sbom(image('v1'), [{name: 'a', version: '1', license: 'MIT'}])
    const [blob] = wantedBlobs(sealed)
    const rows = blob?.flatten(spdx('x', [{name: 'a', version: '1', license: 'MIT'}])) ?? []
    assert.deepEqual(
      rows.map(({table, row}) => [table, 'name' in row && row.name, 'license' in row && row.license]),
      [['components', 'a', 'MIT']],
    )
  })

  it('flattens findings', async () => {
    const sealed = await writer().scan(image('v1'), {findings: [finding]})
    const [blob] = wantedBlobs(sealed)
    const [item] = blob?.flatten(encodeFindings([finding])) ?? []
    assert.ok(item?.table === 'findings')
    assert.deepEqual([item.row.rule, item.row.severity, item.row.package, item.row.fixed], ['CVE-2021-44228', 'critical', 'log4j-core', '2.17.1'])
  })

  it('flattens what a comparison found, and who was behind a request', async () => {
    const difference = {side: 'source', reason: 'failed-open', what: 'web/a', open: true, time: '2026-03-02T09:00:00+01:00', user: 'eve', verb: 'create'}
    const person = {user: 'ann', verb: 'patch', what: 'deployments web/web', time: '2026-03-02T08:00:00Z'}
    const request = {user: 'system:serviceaccount:kube-system:replicaset-controller', time: '2026-03-02T08:00:01Z', records: ['r1', 'r2']}
    const account = 'system:serviceaccount:argocd:argocd-application-controller'
    const accounts = [
      {...request, person: {...person, user: account, automation: true}},
      {...request, as: 'ops', user: account},
    ]
    const blob = {events: 3, differences: [difference], requests: [{...request, person}, {...request, as: 'ops', user: 'eve'}, request, ...accounts]}
    const detail = {both: 1, only_source: 1, only_evidence: 0, first: [], window: {from: '2026-03-02T08:00:00.000Z', to: '2026-03-02T09:00:00.000Z'}}
    const bytes = Buffer.from(JSON.stringify(blob))
    const sealed = await writer().write('reconciliation', {source: 'audit-log', cluster: 'prod-east', ...detail}, {blobs: {'differences.json': bytes}})
    const rows = wantedBlobs(sealed).flatMap((one) => one.flatten(bytes))
    for (const {table, row} of rows) assert.deepEqual(Object.keys(row).toSorted(), Object.keys(TABLES[table]).toSorted(), table)
    assert.deepEqual(
      rows.flatMap(({table, row}) => (table === 'differences' ? [[row.happened, row.happened_ms, row.user_id, row.is_open]] : [])),
      [['2026-03-02T08:00:00.000Z', Date.parse('2026-03-02T08:00:00Z'), 'eve', true]],
    )
    assert.deepEqual(
      rows.flatMap(({table, row}) => (table === 'persons_behind' ? [[row.admission_record, row.person, row.person_did]] : [])),
      [
        ['r1', 'ann', 'patch deployments web/web'],
        ['r2', 'ann', 'patch deployments web/web'],
        ['r1', 'eve', 'acted as ops'],
        ['r2', 'eve', 'acted as ops'],
      ],
    )
  })

  for (const [name, bytes] of Object.entries({'no JSON': 'x', 'other JSON': '{"a":1}', nothing: ''})) {
    it(`makes a fault of a document that is ${name}`, async () => {
      const made = writer()
      const window = {from: '2026-03-02T08:00:00.000Z', to: '2026-03-02T09:00:00.000Z'}
      const compared = {source: 'audit-log' as const, cluster: 'c', window, both: 0, only_source: 0, only_evidence: 0, first: []}
      const comparison = await made.write('reconciliation', compared, {blobs: {'differences.json': Buffer.from('{}')}})
      for (const sealed of [await made.sbom(image('v1'), []), await made.scan(image('v1')), comparison]) {
        const rows = wantedBlobs(sealed).flatMap((blob) => blob.flatten(Buffer.from(bytes)))
        assert.deepEqual(
          rows.map(({table}) => table),
          ['faults'],
        )
      }
    })
  }

  it('knows no digest for a blob that the record does not list', async () => {
    const sealed = await writer().write('sbom', {
      format: 'spdx-2.3+json',
      packages: 0,
      platforms: [{platform: 'linux/amd64', packages: 0, blob: 'absent.json'}],
      unscanned: [],
    })
    assert.deepEqual(
      wantedBlobs(sealed).map(({sha256}) => sha256),
      [undefined],
    )
  })
})
