import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {initStore} from '../../../../src/lib/actions/store/init-store.ts'
import {renderInitStore} from '../../../../src/lib/cli/render/init-store.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import type {StoreSettings} from '../../../../src/lib/ports/evidence-store.ts'
import {projectFiles} from '../../../../src/lib/project/project-files.ts'
import {versionedMemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {gitIn} from '../../../fakes/setup-context.ts'
import {fakeControls} from '../../../fakes/store-controls.ts'
import {scratch} from '../../../scratch.ts'
import {bucketPolicy} from '../../../../src/lib/access/bucket-policy.ts'
import {principalsOf} from '../../../../src/lib/access/principals.ts'

const ADDRESS = 's3://acme-evidence/prod?region=eu-central-1'
const STORE = {kind: 's3', bucket: 'acme-evidence', prefix: 'prod/', region: 'eu-central-1'} as const

function look(
  settings: Partial<StoreSettings> = {},
  parts: {readonly store?: string; readonly root?: string; readonly file?: string; readonly write?: boolean} = {},
) {
  const {store = ADDRESS, root = '/project', file, write = false} = parts
  const memory = versionedMemoryStore()
  const config = {...Config.parse({version: 1, system: 'patient-api'}), store, root, ...(file !== undefined && {file})}
  const context = quietContext({config, storeControls: async () => fakeControls(memory, {settings}), project: async () => projectFiles(gitIn)})
  return initStore({write}, context)
}

describe('store init of a bucket', () => {
  it('takes one that keeps versions, locked for seven years', async () => {
    const result = await look()
    assert.deepEqual([result.exitCode, result.reason, result.faults, result.terraform], [0, undefined, [], undefined])
    assert.equal(result.store, ADDRESS)
    assert.match(renderInitStore(result), /store: "s3:\/\/acme-evidence\/prod\?region=eu-central-1"/)
  })

  const unfit: readonly [string, Partial<StoreSettings>, RegExp][] = [
    ['without versions', {versioning: 'off'}, /versioning is off/],
    ['with suspended versions', {versioning: 'suspended'}, /versioning is suspended/],
    ['without Object Lock', {objectLock: 'off'}, /Object Lock is off/],
    ['without a default retention', {defaultRetention: undefined as never}, /no default retention/],
    ['with a lock that can be lifted', {defaultRetention: {mode: 'GOVERNANCE', days: 2555}}, /GOVERNANCE/],
    ['with six years', {defaultRetention: {mode: 'COMPLIANCE', days: 2190}}, /2190 days/],
    ['a day too short', {defaultRetention: {mode: 'COMPLIANCE', days: 2554}}, /2554 days/],
    ['that expires objects', {lifecycle: 'expires'}, /lifecycle rule/],
  ]
  for (const [name, settings, says] of unfit) {
    it(`refuses one ${name}, and prints what makes it right`, async () => {
      const result = await look(settings)
      assert.deepEqual([result.exitCode, result.reason, result.faults.length], [1, 'store.unfit', 1])
      assert.match(result.faults[0] ?? '', says)
      assert.match(result.terraform ?? '', /object_lock_enabled = true/)
      assert.match(renderInitStore(result), /object_lock_enabled = true/)
    })
  }

  it('says all that is wrong at once', async () => {
    const {faults} = await look({versioning: 'off', defaultRetention: {mode: 'GOVERNANCE', days: 30}, lifecycle: 'expires'})
    assert.equal(faults.length, 4)
  })

  it('takes nothing for checked that it may not see, and names the right that it takes', async () => {
    for (const [what, right] of [
      ['versioning', 's3:GetBucketVersioning'],
      ['object-lock', 's3:GetBucketObjectLockConfiguration'],
      ['policy', 's3:GetBucketPolicy'],
      ['lifecycle', 's3:GetLifecycleConfiguration'],
    ] as const) {
      const result = await look({refused: [what]})
      assert.deepEqual([result.exitCode, result.reason, result.unseen], [4, 'store.refused', [{what, right}]])
      assert.match(renderInitStore(result), new RegExp(right))
    }
    assert.equal((await look({versioning: 'unknown'})).exitCode, 4)
  })

  it('calls unfit what is wrong, also where something could not be seen', async () => {
    const result = await look({objectLock: 'off', refused: ['policy']})
    assert.deepEqual([result.exitCode, result.unseen.length, result.loopholes], [1, 1, undefined])
  })

  it('notes who may hide evidence, and nothing where the policy denies it', async () => {
    assert.match(renderInitStore(await look()), /denies not everybody s3:DeleteObject/)
    const policy = JSON.stringify(bucketPolicy({store: STORE, principals: principalsOf(new Map()), years: 7}))
    const result = await look({policy})
    assert.deepEqual(result.loopholes, [])
    assert.doesNotMatch(renderInitStore(result), /note:/)
  })
})

describe('store init', () => {
  const folder = scratch()

  it('makes a folder and nothing in it, and says what it is not', async () => {
    const path = join(folder(), 'deep', 'evidence')
    const result = await look({}, {store: `folder:${path}`, root: folder()})
    assert.ok(statSync(path).isDirectory())
    assert.deepEqual(readdirSync(path), [])
    assert.equal(result.store, 'folder:deep/evidence')
    assert.match(renderInitStore(result), /tamper-evident, not tamper-proof/)
    assert.equal((await look({}, {store: `folder:${path}`, root: folder()})).exitCode, 0, 'again')
  })

  it('puts the store into the configuration, and leaves the rest as it is', async () => {
    const file = join(folder(), 'hipaa-ci.yaml')
    writeFileSync(file, 'version: 1\nsystem: patient-api # ours\nstore: folder:old   # so far\n')
    const result = await look({}, {file, root: folder(), write: true})
    assert.equal(result.written, file)
    assert.equal(readFileSync(file, 'utf8'), `version: 1\nsystem: patient-api # ours\nstore: "${ADDRESS}"   # so far\n`)
    writeFileSync(file, 'version: 1\nsystem: patient-api\n')
    await look({}, {file, root: folder(), write: true})
    assert.deepEqual(readDocument(readFileSync(file, 'utf8')).value, {version: 1, system: 'patient-api', store: ADDRESS})
  })

  it('writes no unfit bucket down, and asks for a configuration to write into', async () => {
    const file = join(folder(), 'hipaa-ci.yaml')
    writeFileSync(file, 'version: 1\nsystem: patient-api\n')
    assert.equal((await look({objectLock: 'off'}, {file, write: true})).written, undefined)
    assert.equal(readFileSync(file, 'utf8'), 'version: 1\nsystem: patient-api\n')
    const store = `folder:${join(folder(), 'never')}`
    await assert.rejects(look({}, {store, write: true}), {code: 'config.missing'})
    assert.ok(!existsSync(join(folder(), 'never')))
  })
})
