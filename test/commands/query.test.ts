import assert from 'node:assert/strict'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Answer} from '../../src/lib/actions/query/answer-query.ts'
import type {QueryList} from '../../src/lib/actions/query/list-queries.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {EvidenceWriter, image} from '../fakes/evidence-writer.ts'

describe('hipaa-ci query', () => {
  let workspace: Workspace
  let writer: EvidenceWriter

  before(async () => {
    workspace = await createWorkspace({HIPAA_CI_SYSTEM: 'patient-api'})
    const store = openFolderStore(join(workspace.folder, '.hipaa-ci', 'evidence'))
    writer = new EvidenceWriter(store, new Date(Date.now() - 3_600_000).toISOString())
    await writer.sbom(image('v1'), [{name: 'log4j-core', version: '2.14.1', purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1'}])
    await writer.deployment(image('v1'), {workload: '=HYPERLINK("x")'})
  })

  after(() => workspace.remove())

  it('lists the questions', async () => {
    const {exitCode, stdout} = await workspace.cli(['query'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /For the auditor[^]*rejected[^]*HIPAA 164\.312\(b\)/)
    const {json} = await workspace.cli(['query', '--json'])
    assert.ok((json as QueryList).queries.some(({name}) => name === 'signed-images'))
  })

  it('answers, records that it was asked, and answers the same again', async () => {
    const first = await workspace.cli(['query', 'component', '--component', 'log4j-core@2.14.1'])
    assert.equal(first.exitCode, 0, first.stderr)
    assert.match(first.stdout, /log4j-core +2\.14\.1 +maven/)
    assert.match(first.stdout, /recorded +[0-9A-Z]{26}\n/)
    const second = await workspace.cli(['query', 'component', '--component', 'log4j-core@2.14.1', '--json'])
    assert.equal(second.exitCode, 0, second.stderr)
    const {ipe, rows} = second.json as Answer
    assert.equal(rows.length, 1)
    assert.equal(ipe.complete, true)
    assert.equal(ipe.store.records, 2)
    assert.equal((await readdir(join(workspace.folder, '.hipaa-ci', 'evidence', 'records', 'v1'))).includes('query'), true)
  })

  it('looks for exceptions: exit 1', async () => {
    const {exitCode, stdout} = await workspace.cli(['query', 'unsigned-in-production', '--since', '1d', '--no-record'])
    assert.equal(exitCode, 1)
    assert.match(stdout, /never-checked[^]*not recorded/)
  })

  it('prints JSON also by --format', async () => {
    const {stdout} = await workspace.cli(['query', 'deployments', '--format', 'json', '--no-record'])
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), ['ipe', 'columns', 'rows'])
  })

  it('writes a CSV that no spreadsheet runs, with the block beside it', async () => {
    const {exitCode, stdout} = await workspace.cli(['query', 'deployments', '--out', 'deployments.csv', '--no-record'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /^deployments\.csv: 1 row/)
    const csv = await readFile(join(workspace.folder, 'deployments.csv'), 'utf8')
    assert.match(csv, /^deployed_at,environment,/)
    assert.match(csv, /,"'=HYPERLINK\(""x""\)",/)
    const beside = JSON.parse(await readFile(join(workspace.folder, 'deployments.csv.ipe.json'), 'utf8')) as Pick<Answer, 'ipe'>
    assert.equal(beside.ipe.rows, 1)
  })

  it('prints the block on stderr beside a CSV on stdout', async () => {
    const {stdout, stderr} = await workspace.cli(['query', 'deployments', '--format', 'csv', '--no-record'])
    assert.match(stdout, /^deployed_at,[^\n]*\r\n[^\n]*\r\n$/)
    assert.match(stderr, /sql +sha256:[0-9a-f]{64}/)
  })

  it('says 6 where the answer is known to be incomplete, first and last', async () => {
    const run = writer.run()
    await writer.start(run)
    const {exitCode, stdout} = await workspace.cli(['query', 'rejected', '--no-record'])
    assert.equal(exitCode, 6)
    assert.match(stdout, new RegExp(`→ hipaa-ci query run --run ${run.runid} `))
    assert.match(stdout, /^INCOMPLETE[^]*No rows were found\.[^]*\nINCOMPLETE, as said at the top: 1 gap\n$/)
  })

  const usage: [string[], RegExp][] = [
    [['signed-imges'], /did you mean signed-images\?/],
    [['component'], /component needs --component/],
    [['deployments', '--component', 'x'], /deployments takes no --component/],
    [['deployments', '--since', '1d', '--from', '2026-01-01'], /--since|--from/],
    [['deployments', '--since', ''], /--since is empty/],
    [['deployments', '--from', '2026-02-30'], /2026-02-30 is not a date/],
    [['deployments', '--limit', '0'], /limit/],
    [['deployments', '--format', 'html'], /format/],
    [['deployments', '--out', 'no/such/folder.csv', '--no-record'], /cannot be written: ENOENT/],
  ]
  for (const [args, expected] of usage)
    it(`is refused: query ${args.join(' ')}`, async () => {
      const {exitCode, stderr} = await workspace.cli(['query', ...args])
      assert.equal(exitCode, 2)
      assert.match(stderr, expected)
    })

  it('says 4 where there is no store: an empty answer would look clean', async () => {
    const {exitCode, stderr} = await workspace.cli(['query', 'rejected', '--store', 'folder:nowhere', '--no-record'])
    assert.equal(exitCode, 4)
    assert.match(stderr, /no evidence store/)
    assert.deepEqual(
      (await readdir(workspace.folder)).filter((name) => name.startsWith('nowhere')),
      [],
      'and no index of it is made',
    )
  })
}).timeout(60_000)
