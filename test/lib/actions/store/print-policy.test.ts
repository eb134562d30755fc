import assert from 'node:assert/strict'
import type {PolicyDocument} from '../../../../src/lib/access/policy-document.ts'
import {ROLE_NAMES} from '../../../../src/lib/access/roles.ts'
import {printPolicy, type PrintPolicyRequest} from '../../../../src/lib/actions/store/print-policy.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {STREAMS} from '../../../../src/lib/evidence/streams.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'

const BUILD = 'arn:aws:iam::111122223333:role/ci/build'
const GLASS = 'arn:aws:iam::111122223333:role/emergency'

function print(request: Partial<PrintPolicyRequest> = {}, config: object = {}) {
  const all = Config.parse({version: 1, system: 'patient-api', store: 's3://acme-evidence/prod?region=eu-central-1', ...config})
  return printPolicy({principals: [], format: 'iam', ...request}, quietContext({config: {...all, root: '/project'}}))
}

describe('store policy', () => {
  it('prints the policy of each role, or of one, as JSON', async () => {
    const all = JSON.parse((await print()).text) as Record<string, PolicyDocument>
    assert.deepEqual(Object.keys(all), [...ROLE_NAMES])
    const one = JSON.parse((await print({role: 'approver'})).text) as PolicyDocument
    assert.deepEqual(one, all['approver'])
    assert.deepEqual(one.Statement[0]?.Resource, [
      'arn:aws:s3:::acme-evidence/prod/records/v1/approval/*',
      'arn:aws:s3:::acme-evidence/prod/records/v1/break-glass/*',
      'arn:aws:s3:::acme-evidence/prod/records/v1/delivery/*',
      'arn:aws:s3:::acme-evidence/prod/blobs/sha256/*',
    ])
  })

  it('takes principals by role, and those of the configuration', async () => {
    const writers = {ci: {principals: ['arn:aws:sts::111122223333:assumed-role/ci/*'], streams: ['scan']}}
    const {text} = await print({format: 'bucket', principals: [`break-glass=${GLASS}`, `build=${BUILD}`]}, {writers})
    const {Statement} = JSON.parse(text) as PolicyDocument
    assert.deepEqual(Statement.find(({Sid}) => Sid === 'PolicyStays')?.Condition, {ArnNotLike: {'aws:PrincipalArn': [GLASS]}})
    const scan = Statement.find(({Resource}) => Resource.some((arn) => arn.endsWith('/scan/*')))
    assert.deepEqual(scan?.Condition?.['ArnNotLike']?.['aws:PrincipalArn'], ['arn:aws:iam::111122223333:role/*/ci', 'arn:aws:iam::111122223333:role/ci', BUILD])
  })

  it('says what the text leaves open', async () => {
    const {notes} = await print({format: 'bucket', principals: [`build=${BUILD}`]})
    assert.match(notes.join('\n'), /break-glass: once it is applied/)
    assert.match(notes.join('\n'), /extender/)
    assert.match(notes.join('\n'), /sealer: who may write the log is up to IAM alone/)
    assert.match(notes.join('\n'), /hold-keeper: no hold/)
    assert.match(notes.join('\n'), /for approval, .*hold.* nobody is named/)
    assert.match((await print({role: 'anchor'})).notes.join(), /nowhere to copy to/)
  })

  it('prints a block of writers that a configuration takes, and that fits what CloudTrail tells', async () => {
    const {text, notes} = await print({format: 'writers', role: 'build', principals: [BUILD]})
    const {value, faults} = readDocument(text)
    assert.deepEqual(faults, [])
    const {writers = {}} = Config.parse({version: 1, system: 'x', ...(value as object)})
    assert.deepEqual(writers['build']?.principals, ['arn:aws:sts::111122223333:assumed-role/build/*'])
    assert.deepEqual([...new Set(Object.values(writers).flatMap(({streams}) => streams))].toSorted(), [...STREAMS].toSorted())
    assert.match(notes.join(), /nobody is named for approver, promoter/)
  })

  it('takes more years, and not fewer', async () => {
    assert.match((await print({format: 'terraform', years: 10})).text, /years = 10\n/)
    await assert.rejects(print({format: 'terraform', years: 6}), {code: 'usage.flag'})
  })

  it('refuses what names nobody, no role, or no bucket', async () => {
    for (const principals of [['ci'], ['build=ci'], [`builder=${BUILD}`], [BUILD], ['build='], ['build=arn:aws:iam::1:role/x']])
      await assert.rejects(print({principals}), {code: 'usage.flag'}, principals.join())
    await assert.rejects(print({}, {store: 'folder:/evidence'}), {code: 'store.unsupported'})
  })
})
