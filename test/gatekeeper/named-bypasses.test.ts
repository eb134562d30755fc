/**
 * The ways around admission by what an image is called, by what was let in before, and by sheer size, by their number: asked
 * of the built `admission serve` by the real engine, over a real registry. And images that others sign without a key.
 */
import assert from 'node:assert/strict'
import {serviceImage} from '../../scripts/image/service.ts'
import {statementBytes} from '../../src/lib/evidence/statement.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {eventually} from '../cluster/apply-installed.ts'
import {IDENTITY, ISSUER, keylessBundle} from '../fakes/keyless-signer.ts'
import {startAuthorities, type Authorities} from '../fakes/sigstore-authorities.ts'
import {revocationsOf, signatureOf} from '../fakes/statements.ts'
import {pinOf} from '../fakes/verdict-context.ts'
import {container} from '../lib/admission/reviews.ts'
import {createScene, type Scene} from '../lie-matrix/scene.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {assertKeptOut, assertLetIn, CLUSTER, startJudgingGate, type JudgingGate, type JudgingPolicy} from './judging-gate.ts'

const APP = 'patient-api'
const OTHER_IDENTITY = IDENTITY.replace('refs/heads/main', 'refs/heads/mine')

describe('a way around the name of an image, and around what was said before', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let mirror: TestRegistry
  let gate: JudgingGate
  let authorities: Authorities
  let app: Scene
  let later: Scene
  let revoked: Scene
  let vendor: Scene
  let stranger: Scene
  /** Of `app`'s repository, and signed by nobody. */
  let unsigned: string

  /** One signed image of a repository that is an environment of its own. */
  const signed = async (name: string, version: string) => {
    const repository = `${registry.host}/prod/${name}`
    const scene = await createScene(openRegistry(repository), repository, serviceImage({version}))
    await scene.attach(signatureOf([scene.digest], repository))
    return scene
  }
  const keyless = async (name: string, identity: string) => {
    const repository = `${registry.host}/vendor/${name}`
    const scene = await createScene(openRegistry(repository), repository, serviceImage({version: name}))
    const statement = statementBytes(signatureOf([scene.digest], repository))
    await scene.attachBytes(Buffer.from(JSON.stringify(await keylessBundle(authorities, statement, {identity}))))
    return scene
  }
  const environment = (namespace: string, {repository, trusted}: Scene) => ({
    repository,
    match: {clusters: [CLUSTER], namespaces: [namespace]},
    requires: {signature: {keys: [pinOf(trusted)]}},
  })
  const policy = ({root = authorities, laterKey = later, gone = []}: {root?: Authorities; laterKey?: Scene; gone?: readonly string[]} = {}): JudgingPolicy => ({
    policy: {
      environments: {
        production: environment(APP, app),
        later: {...environment('later', later), requires: {signature: {keys: [pinOf(laterKey.trusted)]}}},
        revoked: environment('revoked', revoked),
      },
      images: [
        {match: `${registry.host}/vendor/*`, identities: [{issuer: ISSUER, identity: IDENTITY}], 'approved-by': 'kim', until: '2999-01-01'},
        // Matches nothing that is asked for.
        {match: '*.example.test/mirror/*', digests: [app.digest], 'approved-by': 'kim', until: '2999-01-01'},
      ],
      'trusted-root': 'root.json',
      revocations: {from: 'revocations.json', key: pinOf(app.stranger), 'max-age': '3650d'},
    },
    keys: [app, later, revoked].flatMap((scene) => [scene.trusted, scene.stranger]),
    files: {
      'root.json': JSON.stringify(root.trustedRoot),
      'revocations.json': app.stranger.bundle(
        revocationsOf(
          gone.map((digest) => ({digest})),
          new Date().toISOString(),
        ),
      ),
    },
  })

  before(async () => {
    registry = await startRegistry()
    mirror = await startRegistry()
    authorities = await startAuthorities()
    app = await signed(APP, '1.0.0')
    later = await signed('later', '1.1.0')
    revoked = await signed('revoked', '1.2.0')
    vendor = await keyless('agent', IDENTITY)
    stranger = await keyless('forged', OTHER_IDENTITY)
    const other = await createScene(openRegistry(app.repository), app.repository, serviceImage({version: '2.0.0'}))
    unsigned = other.digest
    // The very image, with its signature, under other names.
    for (const repository of [`${mirror.host}/prod/${APP}`, `${registry.host}/prod/copy`]) {
      const copy = await createScene(openRegistry(repository), repository, app.image)
      await copy.attachBytes(app.trusted.bundle(signatureOf([app.digest], app.repository)))
    }
    gate = await startJudgingGate(policy())
  })
  after(async () => {
    await gate?.stop()
    await registry?.stop()
    await mirror?.stop()
  })

  const nameOf = ({repository, digest}: Scene) => `${repository}@${digest}`
  const keptOut = async (namespace: string, image: string, reason: string) => assertKeptOut(gate, await gate.ask(namespace, image), reason)
  const letIn = async (namespace: string, image: string) => assertLetIn(gate, await gate.ask(namespace, image))

  it('is not what keeps good images out (0)', async () => letIn(APP, nameOf(app)))

  it('is closed (4): tags, whatever they stand for now', async () => {
    const {digest} = (await app.store.resolve('latest')).descriptor
    assert.equal(digest, unsigned)
    for (const tag of [':latest', ':1.0.0', '']) await keptOut(APP, `${app.repository}${tag}`, 'policy.tag')
    await app.store.pushManifest((await app.store.resolve(app.digest)).bytes, (await app.store.resolve(app.digest)).descriptor.mediaType, 'latest')
    await keptOut(APP, `${app.repository}:latest`, 'policy.tag')
  })

  it('is closed (9, 18): a tag beside the digest, which wins', async () => {
    await letIn(APP, `${app.repository}:no-such-tag@${app.digest}`)
    await keptOut(APP, `${app.repository}:latest@${unsigned}`, 'signature.missing')
  })

  it('is closed (9): a mirror that holds the very image and its signature', async () =>
    keptOut(APP, `${mirror.host}/prod/${APP}@${app.digest}`, 'policy.unknown-image'))

  for (const [what, change, reason] of [
    ['a host that begins with ours', (name: string) => name.replace(/^127\.0\.0\.1/, '127.0.0.1.example.test'), 'policy.unknown-image'],
    ['a host that ends with ours', (name: string) => `mirror-${name}`, 'policy.unknown-image'],
    ['another name of the same host', (name: string) => name.replace(/^127\.0\.0\.1/, 'localhost'), 'policy.unknown-image'],
    ['the same host at another port', (name: string) => name.replace(/:\d+\//, ':1/'), 'policy.unknown-image'],
    ['a path that begins with ours', (name: string) => name.replace(`/${APP}@`, `/${APP}-debug@`), 'policy.unknown-image'],
    ['a path below ours', (name: string) => name.replace(`/${APP}@`, `/${APP}/debug@`), 'policy.unknown-image'],
    ['our path in upper case', (name: string) => name.replace('/prod/', '/PROD/'), 'policy.image-name'],
    ['a short name', (name: string) => name.replace(/^.*\//, ''), 'policy.image-name'],
    ['a name that climbs', (name: string) => name.replace('/prod/', '/prod/../prod/'), 'policy.image-name'],
    ['an address', (name: string) => `http://${name}`, 'policy.image-name'],
    ['a digest in upper case', (name: string) => name.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase()), 'policy.image-name'],
    ['two digests', (name: string) => `${name}@sha256:${'0'.repeat(64)}`, 'policy.image-name'],
    ['half a digest', (name: string) => name.slice(0, -1), 'policy.image-name'],
  ] as const)
    it(`is closed (9, 18): ${what}`, async () => keptOut(APP, change(nameOf(app)), reason))

  it('is closed (10): an image that was let in, in another repository, another environment and a namespace that is in none', async () => {
    await letIn(APP, nameOf(app))
    await keptOut(APP, `${registry.host}/prod/copy@${app.digest}`, 'policy.unknown-image')
    await keptOut('later', nameOf(app), 'policy.unknown-image')
    await keptOut('elsewhere', nameOf(app), 'policy.no-environment')
  })

  it('lets in what somebody else signed without a key, under the name that the rule has, and nothing else', async () => {
    await letIn(APP, nameOf(vendor))
    await keptOut(APP, nameOf(stranger), 'signature.wrong-identity')
    await keptOut(APP, `${vendor.repository}@${'sha256:'.padEnd(71, '0')}`, 'image.not-found')
  })

  for (const [what, pod] of [
    ['more images than are judged', {containers: Array.from({length: 300}, (_, at) => container(`web:${at}`))}],
    ['a key of more than 1 MiB', {containers: [container('web')], metadata: {name: 'n'.repeat(1_200_000)}}],
    ['more owners than are read', {containers: [container('web')], metadata: {ownerReferences: Array.from({length: 70}, () => ({kind: 'Job', name: 'a'}))}}],
  ] as const)
    it(`is closed (18): ${what}; and the record says who asked`, async () => {
      const asked = await gate.ask(APP, pod)
      await assertKeptOut(gate, asked, 'admission.key')
      const [{data, subject} = assert.fail('no record'), ...others] = await gate.records(asked.uid)
      assert.deepEqual(others, [])
      assert.deepEqual(
        [subject, data.environment, data.detail.namespace, data.detail.user, data.detail.verdict],
        [`urn:hipaa-ci:admission:${asked.uid}`, 'production', APP, 'system:serviceaccount:kube-system:replicaset-controller', 'could-not-check'],
      )
      assert.match(data.detail.image, /^\((more than 256 images|\d+ images?)\)$/)
    })

  it('is closed (10): allows that are kept, after the key, the root of identities and the list of revocations changed', async () => {
    const kept = [
      ['later', nameOf(later), 'signature.wrong-key'],
      ['revoked', nameOf(revoked), 'image.revoked'],
      [APP, nameOf(vendor), 'signature.invalid'],
    ] as const
    for (const [namespace, image] of kept) await letIn(namespace, image)
    await gate.change(policy({root: await startAuthorities(), laterKey: app, gone: [revoked.digest]}))
    // Read again within half a minute; an allow is kept for five.
    for (const [namespace, image, reason] of kept) {
      const isOut = async () => (await gate.ask(namespace, image)).violations.some(({message}) => message.includes(reason))
      assert.ok(await eventually(isOut, 300), image)
      await keptOut(namespace, image, reason)
    }
    await letIn(APP, nameOf(app))
  })
})
