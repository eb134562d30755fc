/** Records of what clusters asked, judged again under another policy. Synthetic images, keys and people. */
import assert from 'node:assert/strict'
import {replayAdmissions, type ReplayRequest, type ReplayResult} from '../../../../src/lib/actions/admission/replay-admissions.ts'
import type {DetailOf} from '../../../../src/lib/evidence/schema.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import type {MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {ago, revocationsOf, signatureOf} from '../../../fakes/statements.ts'
import {NOW, pinOf, verdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {broken, HOME, home, other, production, signer, VENDOR} from './admission-world.ts'

const GONE = `${HOME}@sha256:${'d'.repeat(64)}`
const TAGGED = `${HOME}:latest`

let evidence: EvidenceStore
let store: MemoryImageStore
let image: string
let digest: string
beforeEach(async () => {
  evidence = memoryStore()
  ;({store, image, digest} = await home())
})

let writers = 0
/** What a provider recorded, so many hours ago. */
async function asked(about: string, more: Partial<DetailOf<'admission'>> = {}, hours = 2): Promise<void> {
  const time = new Date(NOW.getTime() - hours * 3_600_000)
  const provider = verdictContext({images: {}, evidence, firstId: 100_000 + (writers += 100), now: time})
  const detail: DetailOf<'admission'> = {
    cluster: 'prod-east',
    uid: 'u-1',
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    groups: [],
    namespace: 'patient-api',
    kind: 'Pod',
    owner_chain: [],
    operation: 'CREATE',
    dry_run: false,
    mode: 'enforce',
    image: about,
    path: 'spec.containers[0]',
    signatures_tried: [],
    verdict: 'verified',
    reasons: [],
    ...more,
  }
  const subject = about.includes('@') ? about : 'urn:hipaa-ci:admission:u-1'
  await (await provider.recorder()).write({stream: 'admission', subject, outcome: 'pass', detail})
}

function context(policy: object = {}, more: Partial<VerdictSetting> = {}): Context {
  return verdictContext({
    policy: {environments: {production}, ...policy},
    images: {[HOME]: store, [VENDOR]: memoryImageStore({repository: VENDOR})},
    keys: [signer, other],
    evidence,
    ...more,
  })
}

const STRICT = {environments: {production: {...production, requires: {...production.requires, sbom: {}}}}}
const replay = async (around: Context, more: Partial<ReplayRequest> = {}): Promise<ReplayResult> => replayAdmissions({since: '2020-01-01', ...more}, around)
const names = ({refused, admitted, unchecked}: ReplayResult) => [refused, admitted, unchecked].map((part) => part.map((one) => one.image))

describe('replayAdmissions', () => {
  it('judges each image once, and finds nothing where the policy says the same', async () => {
    await asked(image)
    await asked(image, {namespace: 'patient-api', uid: 'u-2'}, 1)
    const result = await replay(context())
    assert.deepEqual([result.exitCode, result.images, result.asks, names(result)], [0, 1, 2, [[], [], []]])
  })

  it('names what ran and would have been refused: exit 1', async () => {
    await asked(image)
    const {exitCode, refused} = await replay(context(STRICT))
    assert.deepEqual(
      [exitCode, refused.map((one) => [one.image, one.environment, one.verdict, one.reasons])],
      [1, [[image, 'production', 'missing', ['sbom.missing']]]],
    )
    const elsewhere = {environments: {production: {...production, match: {clusters: ['test'], namespaces: ['*']}}}}
    assert.deepEqual((await replay(context(elsewhere))).refused[0]?.reasons, ['policy.no-environment'])
  })

  it('counts as run what a warning or an exemption let in', async () => {
    const {image: unsigned, store: images} = await home({signed: false})
    const around = context({}, {images: {[HOME]: images}})
    await asked(unsigned, {verdict: 'missing', reasons: ['signature.missing']})
    assert.deepEqual((await replay(around)).exitCode, 0)
    for (const more of [{mode: 'warn' as const}, {exemption: 'e'.repeat(64)}]) {
      evidence = memoryStore()
      await asked(unsigned, {verdict: 'missing', reasons: ['signature.missing'], ...more})
      assert.deepEqual((await replay(context({}, {images: {[HOME]: images}}))).exitCode, 1)
    }
  })

  it('names what was refused and would now be let in: exit 0', async () => {
    await asked(image, {verdict: 'missing', reasons: ['sbom.missing']})
    const result = await replay(context())
    assert.deepEqual([result.exitCode, names(result)], [0, [[], [image], []]])
  })

  it('names apart what nobody can judge any more, and takes it for no agreement', async () => {
    await asked(image)
    await asked(GONE)
    const gone = await replay(context())
    assert.deepEqual([gone.exitCode, names(gone)], [6, [[], [], [GONE]]])
    const dead = await replay(context({}, {images: {[HOME]: broken(new Error('no'))}}))
    assert.notEqual(dead.exitCode, 0)
    assert.deepEqual(names(dead), [[], [], [image, GONE]])
  })

  it('asks no registry about what a policy refuses by name', async () => {
    await asked(TAGGED, {mode: 'warn', verdict: 'failed', reasons: ['policy.tag']})
    assert.deepEqual(names(await replay(context())), [[TAGGED], [], []])
  })

  it('judges at the time of the ask', async () => {
    await asked(image)
    const revocations = {from: 'https://lists.example/r.json', key: pinOf(other)}
    const since = (hours: number) => ({documents: {'https://lists.example/r.json': other.bundle(revocationsOf([{digest, since: ago(hours)}]))}})
    assert.equal((await replay(context({revocations}, since(1)))).exitCode, 0)
    assert.deepEqual((await replay(context({revocations}, since(3)))).refused[0]?.reasons, ['image.revoked'])
  })

  it('takes images of others by the rules of the new policy', async () => {
    const proxy = `${VENDOR}@${digest}`
    await asked(proxy)
    assert.deepEqual((await replay(context())).refused[0]?.reasons, ['policy.unknown-image'])
    const images = [{match: VENDOR, digests: [digest], 'approved-by': 'ann', until: '2027-01-01'}]
    assert.equal((await replay(context({images}))).exitCode, 0)
  })

  it('leaves out what no cluster was asked, and says where nothing is left: exit 6', async () => {
    assert.deepEqual([(await replay(context(STRICT))).exitCode, (await replay(context(STRICT))).images], [6, 0])
    for (const more of [{dry_run: true}, {mode: 'audit'}, {mode: 'advice'}, {mode: 'offline'}] as const) await asked(image, more)
    assert.equal((await replay(context(STRICT))).exitCode, 6)
    await asked(image, {cluster: 'prod-west'})
    assert.deepEqual(
      [(await replay(context(STRICT), {cluster: 'prod-east'})).exitCode, (await replay(context(STRICT), {cluster: 'prod-west'})).exitCode],
      [6, 1],
    )
    assert.equal((await replay(context(STRICT), {since: '1h'})).exitCode, 6)
  })

  it('is none where a record was changed', async () => {
    await asked(image)
    const get = async () => Buffer.from('x')
    await assert.rejects(replay(context({}, {evidence: {...evidence, get}})), {code: 'record.altered'})
    await attachBundle(store, (await store.resolve(digest)).descriptor, other.bundle(signatureOf([digest], HOME)))
    assert.equal((await replay(context())).exitCode, 0)
  })
})
