/** The log over a bucket, each step by the role that is made for it, on a real server that enforces the role's policy. */
import assert from 'node:assert/strict'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {policyDocument} from '../../src/lib/access/policy-document.ts'
import {rolePolicy, type StorePlaces} from '../../src/lib/access/role-policy.ts'
import type {RoleName} from '../../src/lib/access/roles.ts'
import {parseStoreAddress, type S3Address} from '../../src/lib/evidence/store-address.ts'
import {assumeRole} from '../s3-role.ts'
import {startS3, type S3Server} from '../s3.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

const RECORD = '{"name":"unit","passed":1,"failed":0,"skipped":0}'

describe('sealing, anchoring, proving and verifying, each by its role', function () {
  this.timeout(180_000)
  let s3: S3Server
  let workspace: Workspace
  let places: StorePlaces
  let copies: string
  const roles = new Map<RoleName, Readonly<Record<string, string>>>()

  before(async () => {
    s3 = await startS3()
    const [store, copy] = [await s3.makeBucket(), await s3.makeBucket()]
    copies = copy.address
    places = {store: bucket(store.address), copies: [bucket(copies)], years: 7}
    workspace = await createWorkspace()
    const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key', '--store', store.address])
    assert.equal(made.exitCode, 0, made.stderr)
  })
  after(async () => {
    await workspace.remove()
    await s3.stop()
  })

  const as = async (role: RoleName, exitCode: number, args: readonly string[], stdin = ''): Promise<CliResult> => {
    const env = roles.get(role) ?? (await assumeRole(s3, policyDocument(rolePolicy(role, places).Statement)))
    roles.set(role, env)
    const result = await workspace.cli(args, {env, stdin})
    assert.equal(result.exitCode, exitCode, `${role}: ${args.join(' ')}\n${result.stdout}${result.stderr}`)
    return result
  }

  it('goes from a record to a proof, and nobody can do what is not theirs', async () => {
    await as('build', 0, ['emit', 'test', '--file', '-'], RECORD)
    await as('build', 4, ['evidence', 'seal'])
    await as('reader', 4, ['evidence', 'seal'])
    await as('sealer', 0, ['evidence', 'seal'])
    await as('anchor', 0, ['evidence', 'checkpoint', '--to', copies])
    await as('reader', 0, ['evidence', 'verify', '--full'])
    // The copies lie in the auditor's own hands.
    const ofCopies = rolePolicy('reader', {...places, store: bucket(copies), copies: []})
    roles.set('auditor', await assumeRole(s3, policyDocument([...rolePolicy('auditor', places).Statement, ...ofCopies.Statement])))
    await as('auditor', 0, ['evidence', 'verify', '--anchor', copies])
    const {json} = await as('reader', 0, ['evidence', 'ls', '--json'])
    const [record] = (json as {records: {id: string}[]}).records
    await as('reader', 0, ['evidence', 'prove', record?.id ?? '', '--out', 'one.tlog-proof'])
    const nowhere = await createWorkspace()
    await writeFile(join(nowhere.folder, 'one.tlog-proof'), await readFile(join(workspace.folder, 'one.tlog-proof')))
    await writeFile(join(nowhere.folder, 'log.pub'), await readFile(join(workspace.folder, 'checkpoint.pub')))
    const checked = await nowhere.cli(['evidence', 'verify-proof', 'one.tlog-proof', '--key', 'log.pub'])
    await nowhere.remove()
    assert.equal(checked.exitCode, 0, checked.stderr)
    await as('build', 4, ['evidence', 'verify'])
  })
})

function bucket(address: string): S3Address {
  const place = parseStoreAddress(address)
  assert.ok(place.kind === 's3')
  return place
}
