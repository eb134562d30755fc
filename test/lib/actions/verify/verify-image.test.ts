/** What a verdict is given on, and what it leaves behind. The verdicts themselves are in `test/lie-matrix.test.ts`. */
import assert from 'node:assert/strict'
import {pushImage, type OciImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../../../scripts/image/service.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {UNNAMED_SYSTEM} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {ago, gateOf, signatureOf} from '../../../fakes/statements.ts'
import {NOW, pinOf, verdictContext, type VerdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'

const HOME = 'registry.example/team/app'
const signer = createSigner()
const requires = {signature: {keys: [pinOf(signer)]}}

interface Home {
  readonly signedFor?: string
  readonly kind?: 'registry' | 'layout'
  readonly image?: OciImage
}

async function home({signedFor = HOME, kind = 'registry', image = serviceImage()}: Home = {}): Promise<{store: MemoryImageStore; digest: string}> {
  const store = memoryImageStore(kind === 'layout' ? {kind} : {repository: HOME})
  const digest = await pushImage(store, image, 'latest')
  const {descriptor} = await store.resolve(digest)
  if (signedFor !== '') await attachBundle(store, descriptor, signer.bundle(signatureOf([digest], signedFor)))
  store.resolved.length = 0
  return {store, digest}
}

function context(store: MemoryImageStore, more: Partial<VerdictSetting> = {}): VerdictContext {
  return verdictContext({policy: {environments: {production: {requires}}}, images: {[store.location]: store}, keys: [signer], ...more})
}

async function verifications(from: VerdictContext): Promise<RecordOf<'verification'>[]> {
  return (await from.records()).flatMap((record) => (record.stream === 'verification' ? [record] : []))
}

const full = {...memoryStore(), put: () => Promise.reject(new AppError('store.unreachable', 'no space left'))}

const refused = async (): Promise<never> => {
  throw new AppError('config.missing', 'no system is named')
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
  return 'none'
}

describe('verifyImage', () => {
  it('gives its verdict by a key alone where no project is, and says that it is not recorded', async () => {
    const {store, digest} = await home()
    const world = context(store)
    const {file: _file, ...config} = world.config
    const nowhere = {...world, config: {...config, system: UNNAMED_SYSTEM, environments: {}}}
    const request = {image: `${HOME}@${digest}`, key: `/policy/keys/${signer.spki}.pub`}
    const result = await verifyImage(request, nowhere)
    assert.deepEqual([result.verdict, result.exitCode, result.recorded, result.record], ['verified', 0, false, undefined])
    assert.deepEqual(await world.records(), [])
    // Inside a run it would be a gap: the recorder is asked, and refuses.
    const inRun = {...nowhere, variable: () => 'run.json', recorder: async () => ({...(await world.recorder()), write: refused})}
    assert.equal(await codeOf(verifyImage(request, inRun)), 'config.missing')
  })

  it('names the image in what is to be typed', async () => {
    const {store, digest} = await home({signedFor: ''})
    const {checks} = await verifyImage({image: `${HOME}@${digest}`}, context(store))
    assert.equal(checks.find(({name}) => name === 'signature')?.fix, `hipaa-ci sign ${HOME}@${digest}`)
  })

  it('tells the whole road of an image that nothing was done about', async () => {
    const {store, digest} = await home({signedFor: ''})
    const policy = {environments: {production: {requires: {...requires, sbom: {}, provenance: {}, scan: {}, gate: {}}}}}
    const {verdict, checks} = await verifyImage({image: `${HOME}@${digest}`}, context(store, {policy}))
    assert.equal(verdict, 'missing')
    assert.deepEqual([...new Set(checks.flatMap(({fix}) => fix ?? []))], [`hipaa-ci pipeline ${HOME}@${digest}`])
  })

  it('records the verdict under the policy that it was given by', async () => {
    const {store, digest} = await home()
    const world = context(store)
    const result = await verifyImage({image: `${HOME}@${digest}`}, world)
    assert.deepEqual([result.verdict, result.exitCode, result.environment, result.repository, result.digest], ['verified', 0, 'production', HOME, digest])
    const [record] = await verifications(world)
    assert.deepEqual([record?.id, result.recorded, record?.subject], [result.record, true, `${HOME}@${digest}`])
    assert.deepEqual([record?.data.environment, record?.data.outcome], ['production', 'pass'])
    assert.deepEqual(record?.data.detail, {
      policy: result.policy,
      as_of: NOW.toISOString(),
      verdict: 'verified',
      checks: [
        {name: 'signature', state: 'verified'},
        ...['sbom', 'provenance', 'scan', 'gate', 'approvals'].map((name) => ({name, state: 'not-required'})),
        {name: 'revocation', state: 'not-checked'},
      ],
    })
  })

  it('pins a tag by looking at it once', async () => {
    const {store, digest} = await home()
    const result = await verifyImage({image: `${HOME}:latest`}, context(store))
    assert.deepEqual([result.verdict, result.digest], ['verified', digest])
    assert.deepEqual(
      store.resolved.filter((reference) => !reference.startsWith('sha256')),
      ['latest'],
    )
  })

  it('records a failure and an outage as what they are', async () => {
    const {store, digest} = await home({signedFor: ''})
    const world = context(store)
    assert.equal((await verifyImage({image: `${HOME}@${digest}`}, world)).exitCode, 6)
    assert.equal((await verifyImage({image: `registry.example/nowhere@${digest}`}, world)).exitCode, 4)
    assert.equal((await verifyImage({image: `${HOME}:absent`}, world)).exitCode, 6)
    const records = await verifications(world)
    assert.deepEqual(
      records.map(({data: {detail, outcome}}) => [detail.verdict, outcome]),
      [
        ['missing', 'error'],
        ['could-not-check', 'error'],
        ['missing', 'error'],
      ],
    )
    // What was not found has no digest to be recorded under.
    assert.match(records[2]?.subject ?? '', /^urn:hipaa-ci:run:/)
  })

  it('gives no pass that it cannot record', async () => {
    const {store, digest} = await home()
    assert.equal(await codeOf(verifyImage({image: `${HOME}@${digest}`}, context(store, {evidence: full}))), 'store.unreachable')
  })

  it('leaves a failure what it is where it cannot be recorded, and says so', async () => {
    const {store, digest} = await home({signedFor: 'registry.example/other'})
    const world = context(store, {evidence: full})
    const {verdict, exitCode, recorded, record} = await verifyImage({image: `${HOME}@${digest}`}, world)
    assert.deepEqual([verdict, exitCode, recorded, record], ['failed', 1, false, undefined])
    assert.match(world.notes.join('\n'), /^not recorded: no space left/)
  })

  it('lets an outage of the store win over something missing', async () => {
    const {store, digest} = await home({signedFor: ''})
    const {verdict, exitCode} = await verifyImage({image: `${HOME}@${digest}`}, context(store, {evidence: full}))
    assert.deepEqual([verdict, exitCode], ['missing', 4])
  })

  it('says when nothing is recorded on request', async () => {
    const {store, digest} = await home()
    const world = context(store, {record: false})
    const {exitCode, recorded, record} = await verifyImage({image: `${HOME}@${digest}`}, world)
    assert.deepEqual([exitCode, recorded, record], [0, false, undefined])
    assert.deepEqual(await world.records(), [])
  })

  it('does not make a verdict of a fault of ours', async () => {
    const {store, digest} = await home()
    const broken = Object.assign(store, {referrers: () => Promise.reject(new TypeError('undefined is not a function'))})
    const world = context(broken)
    await assert.rejects(verifyImage({image: `${HOME}@${digest}`}, world), TypeError)
    assert.deepEqual(await world.records(), [])
  })

  it('judges as of another time where it is asked to', async () => {
    const {store, digest} = await home()
    const world = context(store, {policy: {environments: {production: {requires: {signature: {keys: [pinOf(signer, {until: '2026-06-30'})]}}}}}})
    const at = async (asOf: string) => (await verifyImage({image: `${HOME}@${digest}`, asOf: new Date(asOf)}, world)).exitCode
    assert.deepEqual([await at('2026-06-30T23:59:59Z'), await at('2026-07-01T00:00:00Z')], [0, 1])
    assert.deepEqual(
      (await verifications(world)).map(({data}) => data.detail.as_of),
      ['2026-06-30T23:59:59.000Z', '2026-07-01T00:00:00.000Z'],
    )
  })

  it('does not ask about a time to make a key count that is over', async () => {
    const {store, digest} = await home()
    const world = context(store, {policy: {environments: {production: {requires: {signature: {keys: [pinOf(signer, {until: '2026-06-01'})]}}}}}})
    const {exitCode, checks} = await verifyImage({image: `${HOME}@${digest}`, asOf: new Date('2026-05-15')}, world)
    assert.deepEqual([exitCode, checks[0]?.reason], [1, 'signature.no-trusted-time'])
  })

  it('leaves out what was stated later than the time that it is asked about', async () => {
    const {store, digest} = await home()
    const {descriptor} = await store.resolve(digest)
    const policy = {environments: {production: {requires: {...requires, gate: {}}}}}
    await attachBundle(store, descriptor, signer.bundle(gateOf([digest], {decidedAt: ago(10)})))
    await attachBundle(store, descriptor, signer.bundle(gateOf([digest], {decidedAt: ago(1), decision: 'fail'})))
    const at = async (hours: number) => {
      const {exitCode, checks} = await verifyImage({image: `${HOME}@${digest}`, asOf: new Date(ago(hours))}, context(store, {policy}))
      return [exitCode, checks.find(({name}) => name === 'gate')?.reason]
    }
    assert.deepEqual(await at(0), [1, 'gate.failed'])
    assert.deepEqual(await at(5), [0, undefined])
    assert.deepEqual(await at(20), [6, 'gate.missing'])
    assert.deepEqual(await at(-20), [1, 'gate.failed'], 'a time to come knows all of today')
  })

  describe('with a key', () => {
    it('needs no environment, and judges the signature alone', async () => {
      const {store, digest} = await home()
      const world = context(store, {policy: {}})
      const key = `/policy/keys/${signer.spki}.pub`
      const result = await verifyImage({image: `${HOME}@${digest}`, key}, world)
      assert.deepEqual([result.exitCode, result.environment], [0, '(key)'])
      assert.equal((await verifications(world))[0]?.data.environment, 'key')
    })

    it('trusts it instead of those of the environment', async () => {
      const {store, digest} = await home()
      const other = createSigner()
      const world = context(store, {keys: [signer, other]})
      assert.equal((await verifyImage({image: `${HOME}@${digest}`, key: `/policy/keys/${other.spki}.pub`}, world)).exitCode, 1)
    })
  })

  describe('with a layout', () => {
    it('takes the repository that is given, else that of the environment', async () => {
      const {store} = await home({kind: 'layout'})
      assert.equal((await verifyImage({image: store.location, repository: HOME}, context(store))).exitCode, 0)
      assert.equal((await verifyImage({image: store.location, repository: `${HOME}-other`}, context(store))).exitCode, 1)
      const named = context(store, {policy: {environments: {production: {repository: HOME, requires}}}})
      assert.equal((await verifyImage({image: store.location}, named)).exitCode, 0)
      assert.equal(await codeOf(verifyImage({image: store.location}, context(store))), 'usage.repository')
    })

    it('hashes every platform of an index', async () => {
      const {store} = await home({kind: 'layout', image: serviceIndex()})
      const world = context(store)
      assert.equal((await verifyImage({image: store.location, repository: HOME}, world)).exitCode, 0)
      const layers = [...store.objects].filter(([, bytes]) => bytes[0] === 0x1f)
      const [digest = '', bytes] = layers.at(-1) ?? []
      store.objects.set(digest, Buffer.alloc(bytes?.byteLength ?? 0))
      const {exitCode, checks} = await verifyImage({image: store.location, repository: HOME}, world)
      assert.deepEqual([exitCode, checks.map(({reason}) => reason)], [5, ['image.corrupt']])
    })
  })
})
