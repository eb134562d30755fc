import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {approveImage} from '../../../../src/lib/actions/promote/approve-image.ts'
import {promoteImage, type PromoteRequest, type PromoteResult} from '../../../../src/lib/actions/promote/promote-image.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {SIGN_TYPE, VSA_TYPE} from '../../../../src/lib/evidence/statement.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import {copyImage} from '../../../../src/lib/images/copy-image.ts'
import {VsaPredicate} from '../../../../src/lib/predicates/vsa.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {memoryImageStore} from '../../../fakes/memory-image-store.ts'
import {pinOf} from '../../../fakes/verdict-context.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {ANN, BOB, BUILDER, createWorld, FROM, PRODUCTION, PROMOTER, STRANGER, TO, type Setting, type World} from './promotion-world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})

function promote(more: Partial<PromoteRequest> = {}, setting: Setting = {}, of: World = world): Promise<PromoteResult> {
  return promoteImage({image: `${FROM}@${of.digest}`, to: 'production', tags: [], moveTag: false, ...more}, of.context(setting))
}

async function approved(of: World = world): Promise<void> {
  await approveImage({image: `${FROM}@${of.digest}`, to: 'production', key: 'file:/policy/keys/ann.key'}, of.context())
}

const verify = async (of: World = world) => verifyImage({image: `${TO}@${of.digest}`, environment: 'production'}, of.context({record: false}))

interface Said {
  readonly predicateType: string
  readonly subject: readonly {readonly digest: {readonly sha256: string}; readonly annotations?: Record<string, string>}[]
  readonly predicate: unknown
}

/** The statements attached in the target that the promotion key has signed. */
async function saidBy(spki: string, digest: string, of: World = world): Promise<Said[]> {
  const found: Said[] = []
  for (const {digest: referrer} of await of.target.referrers(digest)) {
    const [layer] = (await of.target.resolve(referrer)).json.layers ?? []
    if (layer === undefined) continue
    const bundle = JSON.parse(Buffer.from(await of.target.blob(layer)).toString()) as {
      verificationMaterial: {publicKey: {hint: string}}
      dsseEnvelope: {payload: string}
    }
    if (Buffer.from(bundle.verificationMaterial.publicKey.hint, 'base64').toString('hex') === spki)
      found.push(JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as Said)
  }
  return found
}

async function promotions(of: World = world): Promise<RecordOf<'promotion'>[]> {
  return (await of.context().records()).flatMap((record) => (record.stream === 'promotion' ? [record] : []))
}

/** What a promotion leaves, without what differs from run to run. */
async function left(of: World): Promise<unknown> {
  const attached = await Promise.all(
    [of.digest, ...of.platforms].map(async (digest) => (await saidBy(PROMOTER.spki, digest, of)).map(({predicateType}) => predicateType).toSorted()),
  )
  const records = (await promotions(of)).map(({subject, data: {detail}}) => [subject, detail.tags])
  return {tags: [...of.target.tags], attached, records, verdict: (await verify(of)).verdict}
}

describe('promoteImage', () => {
  it('brings the image with all that is attached, signed for its new repository, recorded and tagged', async () => {
    await approved()
    const result = await promote({tags: ['1.4.2', 'stable']})
    assert.deepEqual([result.exitCode, result.promoted, result.from, result.to, result.verdict], [0, true, FROM, TO, 'verified'])
    assert.deepEqual(
      [...world.target.tags],
      [
        ['1.4.2', world.digest],
        ['stable', world.digest],
      ],
    )
    assert.equal((await verify()).verdict, 'verified')

    const said = await saidBy(PROMOTER.spki, world.digest)
    assert.deepEqual(said.map(({predicateType}) => predicateType).toSorted(), [SIGN_TYPE, VSA_TYPE].toSorted())
    const signature = said.find(({predicateType}) => predicateType === SIGN_TYPE)
    assert.deepEqual(
      signature?.subject.map(({digest}) => `sha256:${digest.sha256}`),
      [world.digest, ...world.platforms],
    )
    const {run, ...annotations} = signature?.subject[0]?.annotations ?? {}
    assert.deepEqual(annotations, {repository: TO, commit: '1'.repeat(40), 'promoted-from': FROM})
    assert.match(run ?? '', /^urn:hipaa-ci:run:/)
    const summary = VsaPredicate.parse(said.find(({predicateType}) => predicateType === VSA_TYPE)?.predicate)
    assert.deepEqual([summary.verificationResult, summary.policy.digest.sha256], ['PASSED', result.verification.policy])
    assert.match(summary.resourceUri, /^pkg:oci\/app@sha256%3A[0-9a-f]{64}\?repository_url=registry\.example\/prod\/app$/)

    const [record] = await promotions()
    assert.equal(record?.id, result.record)
    assert.deepEqual([record?.subject, record?.data.environment], [`${TO}@${world.digest}`, 'production'])
    const {approvals, signature: signed, verification, ...detail} = record?.data.detail ?? assert.fail('no record')
    assert.deepEqual(detail, {from: FROM, to: TO, tags: [{tag: '1.4.2'}, {tag: 'stable'}], signer: {spki: PROMOTER.spki}, policy: result.verification.policy})
    assert.deepEqual(
      approvals.map(({person}) => person),
      ['ann'],
    )
    assert.deepEqual(
      record?.data.blobs.map(({name, sha256}) => [name, sha256]),
      [
        ['signature.json', signed],
        ['summary.json', verification],
        ['approval-1.json', approvals[0]?.bundle],
        ['policy.json', detail.policy],
        ...[BUILDER, ANN, BOB, PROMOTER].map(({spki, pem}) => [`key-${spki.slice(0, 16)}.pem`, sha256Hex(pem)]),
      ],
    )
  })

  it('names the image by its digest where no tag is given', async () => {
    await approved()
    await promote()
    assert.deepEqual([...world.target.tags], [[`promoted-${world.digest.slice(7, 19)}`, world.digest]])
  })

  it('changes nothing the second time', async () => {
    await approved()
    const first = await promote({tags: ['stable']})
    const [objects, records] = [world.target.objects.size, (await promotions()).length]
    const second = await promote({tags: ['stable']})
    assert.deepEqual([first.changed, second.changed, second.record], [true, false, first.record])
    assert.deepEqual([world.target.objects.size, (await promotions()).length], [objects, records])
  })

  it('copies nothing that does not verify, and records why', async () => {
    const {promoted, exitCode, verification} = await promote()
    assert.deepEqual([promoted, exitCode, verification.checks.find(({name}) => name === 'approvals')?.reason], [false, 6, 'approval.missing'])
    assert.deepEqual([world.target.objects.size, await promotions()], [0, []])
    const [record] = await world.context().records()
    assert.ok(record?.stream === 'verification' && record.id === verification.record)
    assert.deepEqual([record.data.detail.verdict, record.data.environment], ['missing', 'production'])

    const unsigned = await createWorld({signed: false})
    await approved(unsigned)
    assert.deepEqual([(await promote({}, {}, unsigned)).exitCode, unsigned.target.objects.size], [6, 0])
  })

  it('brings no other image than the one that was judged: a layout may change meanwhile', async () => {
    const signed = memoryImageStore({kind: 'layout'})
    const good = await pushImage(signed, serviceImage())
    await attachBundle(signed, (await signed.resolve(good)).descriptor, BUILDER.bundle(signatureOf([good], FROM)))
    const unsigned = memoryImageStore({kind: 'layout'})
    await pushImage(unsigned, serviceImage({version: '6.6.6'}))
    const {approvals: _none, ...production} = PRODUCTION
    const context = world.context({production})
    const opened = [unsigned, signed]
    const images: typeof context.images = async (target) => (target.kind === 'layout' ? (opened.shift() ?? signed) : context.images(target))
    const target: typeof context.target = async (text) => (text === './image' ? {kind: 'layout', path: '/project/image', text} : context.target(text))
    const request = {image: './image', repository: FROM, to: 'production', tags: [], moveTag: false}
    await assert.rejects(promoteImage(request, {...context, images, target}), {code: 'image.corrupt'})
    assert.deepEqual([world.target.objects.size, [...world.target.tags]], [0, []])
  })

  it('ends with the exit code of the verdict where the registry cannot be asked', async () => {
    await approved()
    const [gone = ''] = (await world.source.referrers(world.digest)).map(({digest}) => digest)
    world.source.objects.delete(gone)
    world.source.listed.push({mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 1})
    const {promoted, exitCode} = await promote()
    assert.equal(promoted, false)
    assert.notEqual(exitCode, 0)
    assert.equal(world.target.objects.size, 0)
  })

  it('refuses a key that the environment would not trust, before anything is done', async () => {
    await approved()
    const production = {...PRODUCTION, promotion: {key: 'file:keys/stranger.key', ...pinOf(PROMOTER)}}
    await assert.rejects(promote({}, {production}), {code: 'policy.invalid', exitCode: 2, message: new RegExp(STRANGER.spki)})
    assert.equal(world.target.objects.size, 0)
  })

  it('refuses an environment into which nothing can be promoted, and an image by its tag', async () => {
    const {promotion: _key, ...keyless} = PRODUCTION
    await assert.rejects(promote({}, {production: keyless}), {code: 'policy.invalid', message: /production has no `promotion`/})
    const {repository: _repository, ...nowhere} = PRODUCTION
    await assert.rejects(promote({}, {production: nowhere}), {code: 'policy.invalid', message: /names no `repository`/})
    await assert.rejects(promote({to: 'staging'}), {code: 'usage.environment'})
    await assert.rejects(promote({image: `${FROM}:latest`}), {code: 'usage.tag'})
    for (const tag of ['', 'a b', `sha256-${'0'.repeat(64)}`]) await assert.rejects(promote({tags: [tag]}), {code: 'usage.flag'}, tag)
  })

  describe('where a tag names another image', () => {
    const takeTag = async () => pushImage(world.target, serviceImage(), 'stable')

    it('refuses before anything is written', async () => {
      await approved()
      const other = await takeTag()
      const objects = world.target.objects.size
      await assert.rejects(promote({tags: ['1.4.2', 'stable']}), {code: 'promotion.tag-taken', exitCode: 1, message: new RegExp(other)})
      assert.deepEqual([world.target.objects.size, [...world.target.tags], await promotions()], [objects, [['stable', other]], []])
    })

    for (const moveTag of [false, true])
      it(`leaves a tag that somebody else set while the record was written${moveTag ? ', also where it may be moved' : ''}`, async () => {
        await approved()
        const put = world.evidence.put.bind(world.evidence)
        world.evidence.put = async (key, bytes) => {
          if (key.includes('/promotion/')) await takeTag()
          return put(key, bytes)
        }
        await assert.rejects(promote({tags: ['stable'], moveTag}), {code: 'promotion.tag-taken', exitCode: 1})
        assert.notEqual(world.target.tags.get('stable'), world.digest)
        world.evidence.put = put
        const {tags} = await promote({tags: ['stable'], moveTag: true})
        assert.deepEqual([tags.length, (await promotions()).at(-1)?.data.detail.tags.at(0)?.was], [1, tags[0]?.was])
      })

    it('moves it where that is wanted, and records from where', async () => {
      await approved()
      const other = await takeTag()
      const {tags} = await promote({tags: ['stable'], moveTag: true})
      assert.deepEqual(tags, [{tag: 'stable', was: other}])
      assert.equal(world.target.tags.get('stable'), world.digest)
      assert.deepEqual((await promotions())[0]?.data.detail.tags, [{tag: 'stable', was: other}])
    })

    it('records every turn of a tag that goes to and fro', async () => {
      await approved()
      const next = {...world, digest: await world.push(serviceImage())}
      await approved(next)
      const turn = async (of: World) => promote({tags: ['stable'], moveTag: true}, {}, of)
      const records = [await turn(world), await turn(next), await turn(world), await turn(world), await turn(next)].map(({record}) => record)
      assert.deepEqual(
        (await promotions()).map(({subject, data: {detail}}) => [subject, detail.tags]),
        [
          [`${TO}@${world.digest}`, [{tag: 'stable'}]],
          [`${TO}@${next.digest}`, [{tag: 'stable', was: world.digest}]],
          [`${TO}@${world.digest}`, [{tag: 'stable', was: next.digest}]],
          [`${TO}@${next.digest}`, [{tag: 'stable', was: world.digest}]],
        ],
      )
      assert.equal(records[3], records[2])
    })
  })

  describe('in the target', () => {
    it('a plain copy does not verify, whoever signed it there, and the promotion makes it', async () => {
      await approved()
      await copyImage(world.source, world.target, world.digest, {referrers: true})
      assert.equal((await verify()).checks.find(({name}) => name === 'signature')?.state, 'failed')
      const {descriptor} = await world.target.resolve(world.digest)
      await attachBundle(world.target, descriptor, BUILDER.bundle(signatureOf([world.digest], TO)))
      const {verdict, checks} = await verify()
      assert.deepEqual([verdict, checks.find(({name}) => name === 'signature')?.reason], ['failed', 'signature.wrong-key'])
      assert.equal((await promote()).promoted, true)
      assert.equal((await verify()).verdict, 'verified')
    })

    it('the promotion key signs for this repository only', async () => {
      await approved()
      const {descriptor} = await world.source.resolve(world.digest)
      const unsigned = await createWorld({signed: false})
      await attachBundle(unsigned.source, descriptor, PROMOTER.bundle(signatureOf([world.digest], FROM)))
      await approved(unsigned)
      const {promoted, verification} = await promote({}, {}, unsigned)
      assert.deepEqual([promoted, verification.checks.find(({name}) => name === 'signature')?.reason], [false, 'signature.wrong-key'])
    })
  })

  for (const after of [false, true]) {
    it(`is finished by the same command, wherever it broke off ${after ? 'after' : 'before'} a step`, async () => {
      const whole = await createWorld({image: serviceImage()})
      await approved(whole)
      await promote({tags: ['1.4.2', 'stable']}, {}, whole)
      const wanted = await left(whole)
      let at = 0
      for (;;) {
        at += 1
        const broken = await createWorld({image: serviceImage()})
        await approved(broken)
        const fault = {at, after, calls: 0}
        const outcome = await promote({tags: ['1.4.2', 'stable']}, {fault}, broken).catch(() => undefined)
        if (fault.calls < at) break
        if (outcome?.promoted !== true) {
          const done = [...broken.target.tags].length
          assert.ok(done === 0 || (await promotions(broken)).length === 1, `call ${at}: a tag without its record`)
        }
        const {promoted} = await promote({tags: ['1.4.2', 'stable']}, {}, broken)
        assert.equal(promoted, true, `call ${at}`)
        assert.deepEqual(await left(broken), wanted, `call ${at}`)
      }
      assert.ok(at > 40, `${at} calls`)
    }).timeout(60_000)
  }
})
