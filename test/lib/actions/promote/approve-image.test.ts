import assert from 'node:assert/strict'
import {approveImage, type ApproveRequest} from '../../../../src/lib/actions/promote/approve-image.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import {APPROVAL_TYPE, statementBytes, type StatementInput} from '../../../../src/lib/evidence/statement.ts'
import {ANN, APPROVERS, BUILDER, createWorld, FROM, PRODUCTION, STRANGER, type Setting, type World} from './promotion-world.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {keylessBundle} from '../../../fakes/keyless-signer.ts'
import {startAuthorities} from '../../../fakes/sigstore-authorities.ts'
import {NOW} from '../../../fakes/verdict-context.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})

function approve(more: Partial<ApproveRequest> = {}, setting: Setting = {}) {
  const given = more.bundle === undefined && more.key === undefined ? {key: 'file:/policy/keys/ann.key'} : {}
  return approveImage({image: `${FROM}@${world.digest}`, to: 'production', ...given, ...more}, world.context(setting))
}

async function records(): Promise<RecordOf<'approval'>[]> {
  return (await world.context().records()).flatMap((record) => (record.stream === 'approval' ? [record] : []))
}

const attachedTo = async (digest: string) => (await world.source.referrers(digest)).length

/** Judged where it is: as a candidate. */
function unpromoted(setting: Setting): Setting {
  const {promotion: _key, ...production} = setting.production ?? {}
  return {...setting, production}
}

describe('approveImage', () => {
  it('attaches what the person signed to the image and its platforms, and records it', async () => {
    const before = await attachedTo(world.digest)
    const result = await approve({ticket: 'CHG-1042'})
    assert.deepEqual([result.exitCode, result.person, result.signer, result.attached, result.environment], [0, 'ann', {spki: ANN.spki}, true, 'production'])
    assert.equal(await attachedTo(world.digest), before + 1)
    for (const platform of world.platforms) assert.equal(await attachedTo(platform), 2)
    const [record] = await records()
    assert.equal(record?.id, result.record)
    assert.deepEqual(
      [record?.subject, record?.data.environment, record?.data.detail.person, record?.data.detail.to],
      [`${FROM}@${world.digest}`, 'production', 'ann', 'production'],
    )
    assert.deepEqual(
      record?.data.blobs.map(({name, sha256}) => [name, sha256]),
      [
        ['bundle.json', record?.data.detail.bundle],
        [`key-${ANN.spki.slice(0, 16)}.pem`, sha256Hex(ANN.pem)],
      ],
    )
  })

  it('changes nothing the second time, and writes no second record', async () => {
    const [first, second] = [await approve(), await approve()]
    assert.deepEqual([first.attached, second.attached, second.record], [true, false, first.record])
    assert.deepEqual([await attachedTo(world.digest), (await records()).length], [2, 1])
    assert.equal((await approve({ticket: 'CHG-1'})).attached, true)
    assert.equal((await records()).length, 2)
  })

  it('writes the record that an interrupted run did not', async () => {
    await approve({}, {record: false})
    assert.deepEqual(await records(), [])
    const again = await approve()
    assert.deepEqual([again.attached, (await records()).length], [false, 1])
  })

  it('refuses a key that may not approve, the one that signs builds among them', async () => {
    for (const name of ['stranger', 'builder', 'promoter'])
      await assert.rejects(approve({key: `file:/policy/keys/${name}.key`}), {code: 'approval.not-approver', exitCode: 2}, name)
    assert.equal(await attachedTo(world.digest), 1)
    assert.deepEqual(await records(), [])
  })

  it('wants to know who approves, for which environment, and what by digest', async () => {
    const image = `${FROM}@${world.digest}`
    await assert.rejects(approveImage({image, to: 'production'}, world.context()), {code: 'usage.flag'})
    await assert.rejects(approve({key: 'file:/policy/keys/ann.key', bundle: 'x.json'}), {code: 'usage.flag'})
    await assert.rejects(approve({bundle: 'x.json', ticket: 'CHG-1'}), {code: 'usage.flag'})
    await assert.rejects(approve({ticket: 'two words'}), {code: 'usage.flag'})
    await assert.rejects(approve({to: 'prod'}), {code: 'usage.environment'})
    await assert.rejects(approve({to: 'constructor'}), {code: 'usage.environment'})
    await assert.rejects(approve({image: `${FROM}:latest`}), {code: 'usage.tag'})
    const {approvals: _none, ...production} = PRODUCTION
    await assert.rejects(approve({}, {production}), {code: 'policy.invalid', message: /production asks for no approval/})
  })

  describe('with an approval that was signed elsewhere', () => {
    const said = (more: object = {}, digest = world.digest): StatementInput => ({
      digests: [digest],
      predicateType: APPROVAL_TYPE,
      predicate: {environment: 'production', repository: FROM, approvedOn: NOW.toISOString(), ...more},
    })
    const take = (bundle: Uint8Array | string, setting: Setting = {}) =>
      approve({bundle: '/policy/approval.json'}, {files: {'approval.json': Buffer.from(bundle).toString()}, ...setting})

    it('attaches it as it is, once', async () => {
      const bundle = ANN.bundle(said())
      const [first, second] = [await take(bundle), await take(bundle)]
      assert.deepEqual([first.person, first.attached, second.attached, second.record], ['ann', true, false, first.record])
      assert.deepEqual([await attachedTo(world.digest), (await records()).length], [2, 1])
    })

    it("takes nobody's bare word", async () => {
      await assert.rejects(take(JSON.stringify(said())), {code: 'approval.claimed', exitCode: 5})
      await assert.rejects(take('approved, ann'), {code: 'approval.claimed'})
    })

    it('takes nothing that would not count', async () => {
      const damaged = ANN.bundle(said(), {payload: (payload) => Buffer.from(payload.toString().replace('production', 'productioN'))})
      const cases: readonly (readonly [string, Uint8Array, string])[] = [
        ['a stranger', STRANGER.bundle(said()), 'approval.not-approver'],
        ['the key that signs builds', BUILDER.bundle(said()), 'approval.not-approver'],
        ['changed afterwards', damaged, 'signature.invalid'],
        ['another environment', ANN.bundle(said({environment: 'staging'})), 'attestation.invalid'],
        ['another repository', ANN.bundle(said({repository: 'registry.example/other'})), 'attestation.invalid'],
        ['another image', ANN.bundle(said({}, `sha256:${'0'.repeat(64)}`)), 'attestation.invalid'],
        ['of tomorrow', ANN.bundle(said({approvedOn: '2026-06-16T12:00:00Z'})), 'attestation.invalid'],
        ['with a condition', ANN.bundle(said({unless: 'friday'})), 'attestation.invalid'],
        ['another statement', ANN.bundle({...said(), predicateType: 'https://sigstore.dev/cosign/sign/v1'}), 'attestation.invalid'],
        ['no statement', ANN.bundle(Buffer.from('{}')), 'attestation.invalid'],
      ]
      for (const [what, bundle, code] of cases) await assert.rejects(take(bundle), {code}, what)
      assert.deepEqual([await attachedTo(world.digest), await records()], [1, []])
    })

    it("takes one under a person's own identity, and it counts", async () => {
      const authorities = await startAuthorities()
      const carol = {issuer: 'https://login.clinic.example', identity: 'carol@clinic.example'}
      const statement = statementBytes(said())
      const setting = (person: object): Setting => ({
        production: {...PRODUCTION, approvals: {'not-author': false, by: [{person: 'carol', ...person}]}},
        top: {'trusted-root': 'trusted-root.json'},
        files: {'trusted-root.json': JSON.stringify(authorities.trustedRoot)},
      })
      const bundle = Buffer.from(JSON.stringify(await keylessBundle(authorities, statement, carol)))
      const given = (person: object) => {
        const {files = {}, ...rest} = setting(person)
        return take(bundle, {...rest, files: {...files, 'approval.json': bundle.toString()}})
      }
      await assert.rejects(given({...carol, identity: 'mallory@clinic.example'}), {code: 'approval.not-approver'})
      const {person, signer, record} = await given(carol)
      assert.deepEqual([person, signer], ['carol', carol])
      assert.equal((await records())[0]?.id, record)
      const {verdict, checks} = await verifyImage(
        {image: `${FROM}@${world.digest}`, environment: 'production', repository: FROM},
        world.context(unpromoted(setting(carol))),
      )
      assert.deepEqual([verdict, checks.find(({name}) => name === 'approvals')?.message], ['verified', 'approved for production by carol'])
    })

    it('takes it from one person only as that person', async () => {
      const production = {...PRODUCTION, approvals: {by: APPROVERS.slice(1)}}
      await assert.rejects(take(ANN.bundle(said()), {production}), {code: 'approval.not-approver'})
    })
  })
})
