import assert from 'node:assert/strict'
import {AppError, type ReasonCode} from '../../../../src/lib/errors.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {pinOf} from '../../../fakes/verdict-context.ts'
import {container, pod, UID} from '../../admission/reviews.ts'
import {admissions, broken, HOME, home, other, outcome, production, signer, VENDOR, world} from './admission-world.ts'

describe('decideAdmission', () => {
  it('allows an image that verifies, and records it before it answers', async () => {
    const {store, image, digest} = await home()
    const context = world({images: {[HOME]: store}})
    const result = await context.decide({containers: [container(image)]})
    assert.deepEqual(outcome(result), {exitCode: 0, allowed: true, verdict: 'verified', reasons: []})
    assert.deepEqual(result.review, {apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: {uid: UID, allowed: true}})
    const [record] = await admissions(context)
    assert.equal(record?.id, result.images[0]?.record)
    assert.equal(record?.subject, image)
    assert.deepEqual([record?.data.environment, record?.data.outcome], ['production', 'pass'])
    assert.deepEqual(record?.data.detail, {
      cluster: 'prod-east',
      uid: UID,
      user: 'system:serviceaccount:kube-system:replicaset-controller',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      namespace: 'patient-api',
      kind: 'Pod',
      name: 'web-5d9c7b8f6-x2x4z',
      owner_chain: [{kind: 'ReplicaSet', name: 'web-5d9c7b8f6'}],
      operation: 'CREATE',
      dry_run: false,
      mode: 'offline',
      image: `${HOME}@${digest}`,
      path: 'spec.containers[0]',
      signatures_tried: [{signer: {spki: signer.spki}, state: 'verified'}],
      policy: result.policy,
      verdict: 'verified',
      reasons: [],
      object_uid: '11111111-2222-3333-4444-555555555555',
    })
  })

  it('refuses an unsigned image for good: exit 1, recorded', async () => {
    const {store, image} = await home({signed: false})
    const context = world({images: {[HOME]: store}})
    const result = await context.decide({containers: [container(image)]})
    assert.deepEqual(outcome(result), {exitCode: 1, allowed: false, verdict: 'missing', reasons: ['signature.missing']})
    assert.equal(result.review?.response.allowed, false)
    assert.match(result.review?.response.status?.message ?? '', /signature\.missing/)
    const [record] = await admissions(context)
    assert.deepEqual([record?.data.outcome, record?.data.detail.verdict, record?.data.detail.reasons], ['fail', 'missing', ['signature.missing']])
  })

  it('lists every signature that it tried', async () => {
    const {store, image, digest} = await home({signed: false})
    const {descriptor} = await store.resolve(digest)
    await attachBundle(store, descriptor, signer.bundle(signatureOf([digest], VENDOR)))
    await attachBundle(store, descriptor, other.bundle(signatureOf([digest], HOME)))
    await attachBundle(store, descriptor, Buffer.from('junk'))
    const context = world({images: {[HOME]: store}})
    assert.deepEqual(outcome(await context.decide({containers: [container(image)]})).reasons, ['signature.wrong-repository'])
    const [record] = await admissions(context)
    assert.deepEqual(record?.data.detail.signatures_tried, [
      {signer: {spki: signer.spki}, state: 'failed', reason: 'signature.wrong-repository'},
      {state: 'failed', reason: 'signature.wrong-key'},
      {state: 'could-not-check', reason: 'attestation.unreadable'},
    ])
  })

  it('refuses the pod for one image of many, and records each', async () => {
    const {store, image} = await home()
    const context = world({images: {[HOME]: store}})
    const result = await context.decide({
      containers: [container(image)],
      initContainers: [container(image)],
      ephemeralContainers: [container('registry.example/debug:latest')],
      volumes: [{name: 'v', image: {reference: `${VENDOR}@sha256:${'9'.repeat(64)}`}}],
    })
    assert.deepEqual([result.exitCode, result.allowed], [1, false])
    assert.deepEqual(
      result.images.map(({path, verdict, reasons}) => [path, verdict, ...reasons]),
      [
        ['spec.initContainers[0]', 'verified'],
        ['spec.containers[0]', 'verified'],
        ['spec.ephemeralContainers[0]', 'failed', 'policy.tag'],
        ['spec.volumes[0].image', 'failed', 'policy.unknown-image'],
      ],
    )
    const records = await admissions(context)
    assert.deepEqual(
      records.map(({data}) => [data.detail.path, data.outcome]),
      [
        ['spec.initContainers[0]', 'pass'],
        ['spec.containers[0]', 'pass'],
        ['spec.ephemeralContainers[0]', 'fail'],
        ['spec.volumes[0].image', 'fail'],
      ],
    )
  })

  it('judges the same image in two places once', async () => {
    const {store, image, digest} = await home()
    const context = world({images: {[HOME]: store}})
    await context.decide({containers: [container(image), container(image), container(image)]})
    assert.equal(store.resolved.filter((reference) => reference === digest).length, 2, 'once by the test, once by the verdict')
    assert.equal((await admissions(context)).length, 3)
  })

  describe('names that are refused without asking a registry', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const cases: [string, ReasonCode][] = [
      [`${HOME}:1.0`, 'policy.tag'],
      [HOME, 'policy.tag'],
      ['nginx', 'policy.tag'],
      ['nginx:1.27', 'policy.tag'],
      [`nginx@${digest}`, 'policy.image-name'],
      [`library/nginx@${digest}`, 'policy.image-name'],
      [`${HOME.toUpperCase()}@${digest}`, 'policy.image-name'],
      [`${HOME}@sha256:abc`, 'policy.image-name'],
      [`${HOME}@sha512:${'a'.repeat(128)}`, 'policy.image-name'],
      [`${HOME}@${digest}@${digest}`, 'policy.image-name'],
      [`https://${HOME}@${digest}`, 'policy.image-name'],
      [`${HOME}@${digest}\n`, 'policy.image-name'],
      [`../${HOME}@${digest}`, 'policy.image-name'],
      [`oci-dir:/tmp/x@${digest}`, 'policy.image-name'],
      ['', 'policy.image-name'],
      ['@', 'policy.image-name'],
    ]
    for (const [image, reason] of cases) {
      it(`${JSON.stringify(image.slice(0, 60))}: ${reason}`, async () => {
        const context = world({images: {[HOME]: broken(new Error('asked'))}})
        assert.deepEqual(outcome(await context.decide({containers: [container(image)]})), {exitCode: 1, allowed: false, verdict: 'failed', reasons: [reason]})
        const [record] = await admissions(context)
        assert.equal(record?.subject, `urn:hipaa-ci:admission:${UID}`)
        assert.deepEqual(record?.data.detail.signatures_tried, [])
      })
    }
  })

  it('lets the digest win over a tag beside it', async () => {
    const {store, digest} = await home()
    const result = await world({images: {[HOME]: store}}).decide({containers: [container(`${HOME}:1.0@${digest}`)]})
    assert.equal(result.allowed, true)
  })

  it("never takes a repository of the same beginning for the environment's", async () => {
    const {store, digest} = await home()
    for (const repository of [`${HOME}-evil`, `${HOME}/evil`, `evil.${HOME}`, HOME.replace('.example', '.example:5000')]) {
      const result = await world({images: {[repository]: store}}).decide({containers: [container(`${repository}@${digest}`)]})
      assert.deepEqual(outcome(result).reasons, ['policy.unknown-image'], repository)
    }
  })

  describe('the environment', () => {
    it('is the only one that matches; none or two is a recorded refusal', async () => {
      const {store, image} = await home()
      const second = {match: {clusters: ['prod-east'], namespaces: ['*']}, requires: {signature: {keys: [pinOf(signer)]}}}
      const context = world({images: {[HOME]: store}, policy: {environments: {production, second}}})
      for (const cluster of ['prod-east', 'elsewhere']) {
        const result = await context.decide({containers: [container(image)]}, cluster)
        assert.deepEqual(outcome(result), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['policy.no-environment']})
        assert.deepEqual([result.environment, result.policy], [undefined, undefined])
      }
      assert.equal((await context.decide({containers: [container(image)]}, 'prod-west')).allowed, true)
      const records = await admissions(context)
      assert.deepEqual(
        records.map(({data}) => [data.environment, data.outcome, data.detail.policy !== undefined]),
        [
          ['none', 'fail', false],
          ['none', 'fail', false],
          ['production', 'pass', true],
        ],
      )
    })

    it('that requires nothing lets nothing in', async () => {
      const {store, image} = await home()
      const {requires: _, ...open} = production
      const result = await world({images: {[HOME]: store}, policy: {environments: {production: open}}}).decide({containers: [container(image)]})
      assert.deepEqual(outcome(result).reasons, ['policy.requires-nothing'])
    })

    it('whose keys cannot be read lets nothing in, recorded: exit 2', async () => {
      const {store, image} = await home()
      const stranger = createSigner()
      const context = world({images: {[HOME]: store}, policy: {environments: {production: {...production, requires: {signature: {keys: [pinOf(stranger)]}}}}}})
      assert.deepEqual(outcome(await context.decide({containers: [container(image)]})), {
        exitCode: 2,
        allowed: false,
        verdict: 'could-not-check',
        reasons: ['key.unreadable'],
      })
      assert.equal((await admissions(context))[0]?.data.outcome, 'error')
    })

    it('without a repository judges what no rule matches by its own repository', async () => {
      const {store, image} = await home()
      const {repository: _, ...anywhere} = production
      const context = world({images: {[HOME]: store}, policy: {environments: {production: anywhere}}})
      assert.equal((await context.decide({containers: [container(image)]})).allowed, true)
      const stray = await context.decide({containers: [container(`${VENDOR}@sha256:${'9'.repeat(64)}`)]})
      assert.deepEqual(outcome(stray), {exitCode: 4, allowed: false, verdict: 'could-not-check', reasons: ['registry.unreachable']})
    })
  })

  it('gives no answer for a cluster without records', async () => {
    const {store, image} = await home()
    const context = world({images: {[HOME]: store}, record: false})
    const result = await context.decide({containers: [container(image)]})
    assert.deepEqual([result.exitCode, result.allowed, result.recorded, result.review], [0, true, false, undefined])
    assert.deepEqual(await admissions(context), [])
  })

  describe('an UPDATE', () => {
    it('judges only what the pod does not run yet', async () => {
      const {store, image} = await home({signed: false})
      const context = world({images: {[HOME]: store}})
      const old = pod({containers: [container(image)]})
      const result = await context.decide({containers: [container(image)], old, request: {operation: 'UPDATE'}})
      assert.deepEqual(outcome(result), {exitCode: 0, allowed: true, verdict: 'unchanged', reasons: []})
      assert.deepEqual([result.recorded, await admissions(context)], [true, []])
    })

    it('judges what a debugger adds', async () => {
      const {store, image} = await home()
      const context = world({images: {[HOME]: store}})
      const input = {
        containers: [container(image)],
        ephemeralContainers: [container('registry.example/debug:latest')],
        old: pod({containers: [container(image)]}),
        request: {operation: 'UPDATE', subResource: 'ephemeralcontainers'},
      }
      const result = await context.decide(input)
      assert.deepEqual([result.exitCode, result.operation], [1, 'UPDATE ephemeralcontainers'])
      const records = await admissions(context)
      assert.deepEqual(
        records.map(({data: {detail}}) => [detail.path, detail.operation, detail.subresource]),
        [['spec.ephemeralContainers[0]', 'UPDATE', 'ephemeralcontainers']],
      )
    })

    it('believes no old pod of a CREATE', async () => {
      const {store, image} = await home({signed: false})
      const result = await world({images: {[HOME]: store}}).decide({containers: [container(image)], old: pod({containers: [container(image)]})})
      assert.equal(result.allowed, false)
    })
  })

  it('records a dry run as one', async () => {
    const {store, image} = await home()
    const context = world({images: {[HOME]: store}})
    const result = await context.decide({containers: [container(image)], request: {dryRun: true}})
    assert.deepEqual([result.dryRun, (await admissions(context))[0]?.data.detail.dry_run], [true, true])
  })

  it('records whoever asks, however long the names, and whatever image is asked for', async () => {
    const long = 'x'.repeat(4_000)
    const context = world()
    const request = {userInfo: {username: `${long}\ud83d\ude00`, groups: Array.from({length: 100}, (_, at) => `group-${at}-${long}`)}}
    const result = await context.decide({
      containers: [container(`${long}@x`), container('\u001b[2J\u202e\u0000')],
      request,
      metadata: {uid: long, ownerReferences: Array.from({length: 50}, () => ({kind: long, name: long}))},
    })
    assert.deepEqual([result.exitCode, result.recorded], [1, true])
    const [record] = await admissions(context)
    const {user, groups, image, object_uid: uid, owner_chain: owners} = record?.data.detail ?? assert.fail('no record')
    for (const text of [user, image, uid ?? '', ...groups, ...owners.map(({name}) => name)]) assert.ok(text.length > 0 && text.length <= 256)
    assert.match(user, /…sha256:[0-9a-f]{16}$/)
    assert.deepEqual([groups.length, groups.at(-1), owners.length], [64, '(and 37 more)', 16])
  })

  it('tells a nameless user apart from nobody asking', async () => {
    const context = world()
    await context.decide({containers: [container('nginx')], request: {userInfo: {}}})
    assert.equal((await admissions(context))[0]?.data.detail.user, '(none)')
  })

  it('takes a review that it cannot read for a fault of the input, and records nothing', async () => {
    const context = world()
    await assert.rejects(context.decide({}), (error) => error instanceof AppError && error.code === 'usage.input')
    assert.deepEqual(await context.records(), [])
  })
})
