/** What is kept between pods: fewer looks at a registry, and never a verdict that no longer holds. */
import assert from 'node:assert/strict'
import {APPROVAL_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {revocationsOf, scanOf, signatureOf} from '../../../fakes/statements.ts'
import {NOW, pinOf} from '../../../fakes/verdict-context.ts'
import {HOME, home, other, production, signer, VENDOR} from './admission-world.ts'
import {answerWorld, keyOf, MINUTE, type Reply} from './answer-world.ts'

const allowed = ({items, systemError}: Reply) => items?.[0]?.value.allowed ?? systemError
const reason = ({items, systemError}: Reply) => / ?([a-z]+\.[a-z-]+): /.exec(items?.[0]?.value.message ?? systemError ?? '')?.[1]
const looks = (store: MemoryImageStore, digest: string) => store.resolved.filter((each) => each === digest).length

async function signedWorld(more: Parameters<typeof answerWorld>[0] = {}) {
  const {store, image, digest} = await home()
  return {store, image, digest, world: await answerWorld({images: {[HOME]: store}, ...more})}
}

describe('an answerer that keeps verdicts', () => {
  it('looks once at one image of 200 pods, and records each pod', async () => {
    const {world, store, image, digest} = await signedWorld()
    const before = looks(store, digest)
    const replies = await Promise.all(Array.from({length: 200}, async () => world.ask(keyOf([image]))))
    assert.deepEqual([...new Set(replies.map(allowed))], [true])
    assert.equal(looks(store, digest), before + 1)
    const objects = (await world.records()).map(({data}) => data.detail.object_uid)
    assert.equal(new Set(objects).size, 200)
  })

  it('names each pod’s own place and image, although they share a verdict', async () => {
    const {world, image} = await signedWorld()
    const tagged = image.replace('@', ':1.0.0@')
    await world.ask(keyOf([image]))
    await world.ask(keyOf(['web:latest', tagged]))
    const said = (await world.records()).map(({data}) => [data.detail.image, data.detail.path])
    assert.deepEqual(said, [
      [image, 'spec.containers[0]'],
      ['web:latest', 'spec.containers[0]'],
      [tagged, 'spec.containers[1]'],
    ])
  })

  it('looks again after five minutes, and after a minute where it denied', async () => {
    const {world, store, image, digest} = await signedWorld()
    const lookedAt = async (at: number) => {
      world.clock.at = NOW.getTime() + at
      await world.ask(keyOf([image]))
      return looks(store, digest)
    }
    const first = await lookedAt(0)
    assert.deepEqual([await lookedAt(5 * MINUTE - 1), await lookedAt(5 * MINUTE)], [first, first + 1])
  })

  it('allows what was denied, a minute after it was signed', async () => {
    const {store, image, digest} = await home({signed: false})
    const world = await answerWorld({images: {[HOME]: store}})
    assert.equal(reason(await world.ask(keyOf([image]))), 'signature.missing')
    await attachBundle(store, (await store.resolve(digest)).descriptor, signer.bundle(signatureOf([digest], HOME)))
    assert.equal(allowed(await world.ask(keyOf([image]))), false)
    world.clock.at += MINUTE
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
  })

  it('keeps an allow no longer than what it hangs on', async () => {
    const environments = {production: {...production, requires: {...production.requires, scan: {'max-age': '1h'}}}}
    const {store, image, digest} = await home()
    const finishedAt = new Date(NOW.getTime() - 59 * MINUTE).toISOString()
    await attachBundle(store, (await store.resolve(digest)).descriptor, signer.bundle(scanOf(digest, {finishedAt})))
    const world = await answerWorld({images: {[HOME]: store}, policy: {environments}})
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    world.clock.at += MINUTE
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    world.clock.at += 1
    assert.equal(reason(await world.ask(keyOf([image]))), 'scan.too-old')
  })

  it('keeps what a rule admits no longer than the rule', async () => {
    const digest = `sha256:${'9'.repeat(64)}`
    const images = [{match: 'registry.example/vendor/*', digests: [digest], 'approved-by': 'platform-team', until: '2026-06-15'}]
    const world = await answerWorld({policy: {images}})
    world.clock.at = Date.parse('2026-06-15T23:59:59.999Z')
    assert.equal(allowed(await world.ask(keyOf([`${VENDOR}@${digest}`]))), true)
    world.clock.at += 1
    assert.equal(reason(await world.ask(keyOf([`${VENDOR}@${digest}`]))), 'policy.expired')
  })

  it('does not take the verdict of one environment, repository or digest for that of another', async () => {
    const {world, store, image} = await signedWorld({
      policy: {
        environments: {
          production,
          staging: {...production, match: {clusters: ['prod-*'], namespaces: ['staging']}, requires: {signature: {keys: [pinOf(other)]}}},
        },
      },
    })
    const copy = {...store, repository: 'registry.example/copy/app'}
    world.images.set(copy.repository, copy)
    const asked = async (name: string, ns: string) => reason(await world.ask(keyOf([name], {ns})))
    assert.equal(await asked(image, 'patient-api'), undefined)
    assert.equal(await asked(image, 'staging'), 'signature.wrong-key')
    assert.equal(await asked(image.replace(HOME, copy.repository), 'patient-api'), 'policy.unknown-image')
    assert.equal(await asked(image.replace(/@.*/, `@sha256:${'0'.repeat(64)}`), 'patient-api'), 'image.not-found')
    assert.equal(await asked(image, 'patient-api'), undefined)
  })

  it('does not take an approval for one environment for that of another that is written alike', async () => {
    const alike = {...production, approvals: {minimum: 1, 'not-author': false, by: [{person: 'ann', ...pinOf(other)}]}}
    const staging = {...alike, match: {clusters: ['prod-*'], namespaces: ['patient-api']}}
    const {store, image, digest} = await home()
    const predicate = {environment: 'production', repository: HOME, approvedOn: NOW.toISOString()}
    await attachBundle(store, (await store.resolve(digest)).descriptor, other.bundle({digests: [digest], predicateType: APPROVAL_TYPE, predicate}))
    const world = await answerWorld({images: {[HOME]: store}, policy: {environments: {production: alike}}})
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    world.configure({environments: {staging}})
    world.clock.at += 30_000
    assert.equal(reason(await world.ask(keyOf([image]))), 'approval.missing')
  })

  it('does not let a pod’s text choose what it is taken for', async () => {
    const {world, image} = await signedWorld()
    await world.ask(keyOf([image]))
    for (const name of [`${image}\n`, ` ${image}`, image.toUpperCase(), `${image}","`, image.replace('registry.example', 'registry.example:443')])
      assert.notEqual(allowed(await world.ask(keyOf([name]))), true, name)
  })

  it('denies an image that is revoked while its allow is kept', async () => {
    const revocations = {from: 'revocations.json', key: pinOf(other)}
    const {store, image, digest} = await home()
    const world = await answerWorld({images: {[HOME]: store}, policy: {revocations}})
    world.files.set('revocations.json', other.bundle(revocationsOf([])))
    world.clock.at += 30_000
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    world.files.set('revocations.json', other.bundle(revocationsOf([{digest}], NOW.toISOString())))
    world.clock.at += 30_000
    assert.equal(reason(await world.ask(keyOf([image]))), 'image.revoked')
  })

  it('denies what a key signed that is retired while its allow is kept', async () => {
    const {world, image} = await signedWorld()
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    world.configure({environments: {production: {...production, requires: {signature: {keys: [pinOf(signer, {status: 'retired'})]}}}}})
    world.clock.at += 30_000
    assert.equal(reason(await world.ask(keyOf([image]))), 'signature.no-trusted-time')
  })

  it('keeps nothing of a registry that failed', async () => {
    const {world, store, image} = await signedWorld()
    world.images.delete(HOME)
    assert.match((await world.ask(keyOf([image]))).systemError ?? '', /registry\.unreachable/)
    world.images.set(HOME, store)
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
  })

  it('holds no more verdicts than it is told to', async () => {
    const store = memoryImageStore({repository: HOME})
    const world = await answerWorld({images: {[HOME]: store}, maxVerdicts: 5})
    for (let at = 0; at < 20; at += 1) {
      const digest = await pushImage(store, serviceImage({version: `1.0.${at}`}), 'latest')
      await world.ask(keyOf([`${HOME}@${digest}`]))
    }
    assert.deepEqual(world.kept(), {verdicts: 5, answers: 20})
  })
})

describe('an answerer whose registry is slow', () => {
  it('gives up in time, records that it could not check, and finds the verdict on the next try', async () => {
    const {store, image, digest} = await home()
    const {promise, resolve} = Promise.withResolvers<void>()
    const slow = {
      ...store,
      async resolve(reference: string) {
        await promise
        return store.resolve(reference)
      },
    }
    const world = await answerWorld({images: {[HOME]: slow}})
    const asked = world.ask(keyOf([image, 'web:latest'], {uid: 'slow'}))
    await world.pass(5_999)
    await world.pass(6_000)
    assert.match((await asked).systemError ?? '', /^patient-api@sha256:[0-9a-f]{12}…: admission\.time: .* Try again/)
    assert.deepEqual(
      (await world.records()).map(({data}) => [data.detail.uid, data.detail.verdict, data.detail.reasons]),
      [
        ['slow', 'could-not-check', ['admission.time']],
        ['slow', 'failed', ['policy.tag']],
      ],
    )
    const before = looks(store, digest)
    resolve()
    assert.equal(allowed(await world.ask(keyOf([image]))), true)
    assert.equal(looks(store, digest), before + 1)
    // What went on being judged let nobody in: of the first pod nothing was recorded later.
    assert.deepEqual((await world.records()).filter(({data}) => data.detail.uid === 'slow').length, 2)
  })

  it('does not wait for a record for ever', async () => {
    const world = await answerWorld({recording: (recorder) => ({...recorder, writeAll: async () => new Promise(() => undefined)})})
    const asked = world.ask(keyOf(['web:latest']))
    await world.pass(6_000)
    await world.pass(7_000)
    assert.match((await asked).systemError ?? '', /^admission\.time: /)
    assert.deepEqual(
      world.answered.map(({outcome, reasons}) => [outcome, reasons]),
      [['could-not-check', ['admission.time']]],
    )
  })
})
