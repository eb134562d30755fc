/** Exemptions: what lets a refused image in, and all that does not. Synthetic images, keys and people. */
import assert from 'node:assert/strict'
import {findExemption} from '../../../../src/lib/actions/admission/find-exemption.ts'
import {judgeAsk, type AskRequest, type DecidedAsk} from '../../../../src/lib/actions/admission/judge-ask.ts'
import {findGround} from '../../../../src/lib/actions/admission/find-ground.ts'
import {judgePlace} from '../../../../src/lib/actions/admission/judge-pod-image.ts'
import {askOf} from '../../../../src/lib/admission/pod-ask.ts'
import {parseReview} from '../../../../src/lib/admission/review.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import {statementBytes, type StatementInput} from '../../../../src/lib/evidence/statement.ts'
import {EXEMPTION_TYPE} from '../../../../src/lib/predicates/exemption.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner, type TestSigner} from '../../../fakes/dsse-signer.ts'
import type {MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {ago, revocationsOf} from '../../../fakes/statements.ts'
import {NOW, pinOf, type VerdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {container, review} from '../../admission/reviews.ts'
import {admissions, broken, HOME, home, signer, world} from './admission-world.ts'

const ANN = createSigner()
const REVOKER = createSigner()
const breakGlass = {by: [{person: 'ann', ...pinOf(ANN)}], 'max-hours': 4}

let store: MemoryImageStore
let image: string
let digest: string
beforeEach(async () => ({store, image, digest} = await home({signed: false})))

const said = (more: object = {}, digests = [digest]): StatementInput => ({
  digests,
  predicateType: EXEMPTION_TYPE,
  predicate: {
    cluster: 'prod-east',
    namespace: 'patient-api',
    reason: 'hotfix',
    incident: 'INC-7',
    from: ago(1),
    expires: ago(-1),
    person: 'ann',
    ...more,
  },
})

async function attach(statement: StatementInput, by: TestSigner = ANN): Promise<string> {
  await attachBundle(store, (await store.resolve(digest)).descriptor, by.bundle(statement))
  return sha256Hex(statementBytes(statement))
}

function context(more: Partial<VerdictSetting> = {}): VerdictContext {
  const {policy = {}, keys = [], ...rest} = more
  return world({images: {[HOME]: store}, policy: {admission: {'break-glass': breakGlass}, ...policy}, keys: [signer, ANN, REVOKER, ...keys], ...rest})
}

async function ask(
  around: VerdictContext,
  {mode = 'enforce', images = [image], ...request}: {mode?: AskRequest['mode']; images?: string[]; dryRun?: boolean; namespace?: string} = {},
): Promise<DecidedAsk> {
  const podAsk = askOf(
    parseReview(
      review({
        containers: images.map((one, at) => container(one, `c${at}`)),
        request,
        metadata: request.namespace === undefined ? {} : {namespace: request.namespace},
      }),
    ),
  )
  const judging = {
    ground: async (namespace: string) => findGround('prod-east', namespace, around),
    judge: async (...asked: readonly [Parameters<typeof judgePlace>[0], Parameters<typeof judgePlace>[1], Date]) => judgePlace(...asked, around),
    exempt: async (...asked: readonly [Parameters<typeof findExemption>[0], Parameters<typeof findExemption>[1], Parameters<typeof findExemption>[2], Date]) =>
      findExemption(...asked, around),
    recorder: await around.recorder(),
  }
  return judgeAsk({ask: podAsk, cluster: 'prod-east', mode}, judging, around)
}

async function uses(around: VerdictContext): Promise<RecordOf<'break-glass'>[]> {
  return (await around.records()).flatMap((record) => (record.stream === 'break-glass' ? [record] : []))
}

describe('an exemption', () => {
  it('lets a refused image in, keeps the verdict in its record, and its use is recorded once for an object', async () => {
    const statement = await attach(said())
    const around = context()
    const decided = await ask(around, {images: [image, image]})
    assert.deepEqual([decided.allowed, decided.exitCode], [true, 0])
    const records = await admissions(around)
    assert.equal(records.length, 2)
    for (const {data} of records) {
      assert.deepEqual([data.outcome, data.detail.verdict, data.detail.exemption], ['warn', 'missing', statement])
      assert.deepEqual(data.detail.reasons, ['signature.missing'])
    }
    const used = await uses(around)
    assert.deepEqual(
      used.map(({subject, data}) => [subject, data.outcome, data.detail]),
      [
        [
          image,
          'warn',
          {
            action: 'use',
            kind: 'exemption',
            cluster: 'prod-east',
            namespace: 'patient-api',
            digest,
            reason: 'hotfix',
            incident: 'INC-7',
            from: ago(1),
            expires: ago(-1),
            statement,
          },
        ],
      ],
    )
  })

  it('is not used where nothing is let into a cluster', async () => {
    await attach(said())
    const around = context()
    assert.equal((await ask(around, {dryRun: true})).allowed, true)
    for (const mode of ['advice', 'audit', 'offline'] as const) assert.equal((await ask(around, {mode})).allowed, true, mode)
    assert.deepEqual(await uses(around), [])
  })

  it('counts only as it is meant', async () => {
    const cases: readonly (readonly [string, StatementInput, TestSigner?])[] = [
      ['another cluster', said({cluster: 'prod-*'})],
      ['another namespace', said({namespace: 'billing'})],
      ['another image', said({}, [`sha256:${'0'.repeat(64)}`])],
      ['over', said({from: ago(3), expires: NOW.toISOString()})],
      ['to come', said({from: ago(-0.001)})],
      ['longer than allowed', said({from: ago(2), expires: ago(-2.001)})],
      ['ends before it begins', said({from: ago(-1), expires: ago(1)})],
      ['in the name of somebody else', said({person: 'bob'})],
      ['with a condition', said({unless: 'friday'})],
      ['of another type', {...said(), predicateType: 'urn:hipaa-ci:approval:1'}],
      ['by the key that signs builds', said(), signer],
      ['by a stranger', said(), createSigner()],
    ]
    for (const [what, statement, by = ANN] of cases) {
      ;({store, image, digest} = await home({signed: false}))
      await attach(statement, by)
      const around = context()
      assert.equal((await ask(around)).allowed, false, what)
      assert.deepEqual(
        [(await admissions(around)).map(({data}) => [data.outcome, data.detail.exemption]), await uses(around)],
        [[['fail', undefined]], []],
        what,
      )
    }
  })

  it('counts where the policy names who may, and nowhere else', async () => {
    await attach(said())
    assert.equal((await ask(context({policy: {admission: {}}}))).allowed, false)
    assert.equal((await ask(context({policy: {admission: {'break-glass': {by: [{person: 'bob', ...pinOf(REVOKER)}]}}}}))).allowed, false)
    assert.equal((await ask(context(), {namespace: 'elsewhere'})).allowed, false)
  })

  it('never counts against a revocation, nor where the list cannot be had', async () => {
    await attach(said())
    const revocations = {from: 'https://lists.example/r.json', key: pinOf(REVOKER)}
    const list = (...digests: string[]) => ({
      'https://lists.example/r.json': REVOKER.bundle(revocationsOf(digests.map((one) => ({digest: one})))),
    })
    const policy = {admission: {'break-glass': breakGlass}, revocations}
    const other = `sha256:${'1'.repeat(64)}`
    assert.equal((await ask(context({policy, documents: list(other)}))).allowed, true)
    assert.equal((await ask(context({policy, documents: list(digest)}))).allowed, false)
    assert.equal((await ask(context({policy}))).allowed, false)
  })

  it('does not hide that something could not be checked', async () => {
    await attach(said())
    const around = context({images: {[HOME]: broken(new Error('no'))}})
    assert.deepEqual(
      (await ask(around)).images.map(({verdict, allowed}) => [verdict, allowed]),
      [['could-not-check', false]],
    )
  })

  it('lets nothing in without a record', async () => {
    await attach(said())
    const around = context()
    const recorder = {...(await around.recorder()), writeAll: async () => Promise.reject(new Error('the store is gone'))}
    const decided = await ask({...around, recorder: async () => recorder})
    assert.deepEqual([decided.allowed, decided.images[0]?.reasons, decided.images[0]?.exemption], [false, ['record.not-written'], undefined])
  })

  it('is not for keys that sign or promote, nor for two persons with one key', async () => {
    const by = (...pins: object[]) => context({policy: {admission: {'break-glass': {by: pins}}}})
    for (const around of [by({person: 'ann', ...pinOf(signer)}), by({person: 'ann', ...pinOf(ANN)}, {person: 'bob', ...pinOf(ANN)})])
      assert.deepEqual((await ask(around)).images[0]?.reasons, ['policy.invalid'])
  })
})
