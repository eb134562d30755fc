/** What a policy is made of: everything that an environment names, read and held against its pins. */
import assert from 'node:assert/strict'
import {environmentPolicy, selectPolicy, type PolicyRequest} from '../../../../src/lib/actions/policy/select-policy.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {Policy} from '../../../../src/lib/policy/model.ts'
import {personOf} from '../../../../src/lib/policy/persons.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {pinOf, verdictContext} from '../../../fakes/verdict-context.ts'

const HOME = 'registry.example/prod/app'
const [builder, ann, bob, promoter] = [createSigner(), createSigner(), createSigner(), createSigner()]
const ISSUER = 'https://issuer.example'
const KEYLESS = {issuer: ISSUER, identity: 'carol@clinic.example'}
const ROOT = {mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'}
const CHAIN = '-----BEGIN CERTIFICATE-----\n(synthetic)\n-----END CERTIFICATE-----\n'
const PERSONS = `version: 1
persons:
  - person: ann
    principals: [{issuer: git.example, id: ann@clinic.example}]
  - person: carol
    principals: [{issuer: ${ISSUER}, id: carol@clinic.example}]
`

const approvals = {
  minimum: 2,
  by: [
    {person: 'ann', ...pinOf(ann)},
    {person: 'bob', ...pinOf(bob)},
    {person: 'carol', ...KEYLESS},
  ],
}
const promotion = {key: 'file:keys/promoter.key', ...pinOf(promoter)}
const authorities = [{file: 'tsa.pem', sha256: `sha256:${sha256Hex(Buffer.from(CHAIN))}`, until: '2027-01-01'}]
const signature = {keys: [pinOf(builder)], identities: [KEYLESS], 'timestamp-authorities': authorities}
const PRODUCTION = {repository: HOME, requires: {signature, gate: {}}, approvals, promotion}
const FILES = {'trusted-root.json': JSON.stringify(ROOT), 'tsa.pem': CHAIN, 'identities.yaml': PERSONS}

interface Setting {
  readonly production?: Readonly<Record<string, unknown>>
  readonly top?: Readonly<Record<string, unknown>>
  readonly files?: Readonly<Record<string, string>>
  readonly ask?: PolicyRequest
}

async function policyOf({production = PRODUCTION, top = {}, files = FILES, ask = {}}: Setting = {}): Promise<Policy> {
  const policy = {'trusted-root': 'trusted-root.json', identities: 'identities.yaml', ...top, environments: {production}}
  return selectPolicy(ask, verdictContext({policy, images: {}, keys: [builder, ann, bob, promoter], files}))
}

/** The service's own policy under one of the platform: both name the builder. */
function floored() {
  const own = {repository: HOME, requires: {signature: {keys: [pinOf(builder)]}}}
  const context = verdictContext({policy: {environments: {production: own}}, images: {}, keys: [builder]})
  const environment = context.config.environments['production'] ?? assert.fail('no environment')
  return {environment, context: {...context, config: {...context.config, platform: {production: {...environment, approvals: undefined}}}}}
}

function refused(setting: Setting, message: RegExp): Promise<void> {
  return assert.rejects(policyOf(setting), {code: 'policy.invalid', message})
}

describe('selectPolicy', () => {
  it('gives along the text that its digest is over, and every key and file that this names, each once', async () => {
    const {digest, texts = []} = await policyOf()
    const [policy, ...named] = texts
    assert.deepEqual([policy?.name, policy?.exact, sha256Hex(policy?.bytes ?? '')], ['policy.json', true, digest])
    const bytesOf = (name: string) => Buffer.from(named.find((text) => text.name === name)?.bytes ?? '').toString()
    for (const {spki, pem} of [builder, ann, bob, promoter]) assert.equal(bytesOf(`key-${spki.slice(0, 16)}.pem`), pem)
    assert.deepEqual([bytesOf('trusted-root.json'), bytesOf('timestamp-authority-1.pem'), bytesOf('identities.yaml')], Object.values(FILES))
    assert.equal(named.length, 7)
    const said = Buffer.from(policy?.bytes ?? '').toString()
    for (const file of [FILES['trusted-root.json'], FILES['identities.yaml']]) assert.ok(said.includes(sha256Hex(file)))
  })

  it('gives along both texts where a floor is in force, under names that do not meet', async () => {
    const {context, environment} = floored()
    const {digest, texts = []} = await environmentPolicy('production', environment, context)
    assert.equal(sha256Hex(texts[0]?.bytes ?? ''), digest)
    const both: unknown = JSON.parse(Buffer.from(texts[0]?.bytes ?? '').toString())
    const part = (name: string) => sha256Hex(texts.find((text) => text.name === name)?.bytes ?? '')
    assert.deepEqual(both, {service: part('service-policy.json'), platform: part('platform-policy.json')})
    assert.equal(new Set(texts.map(({name}) => name)).size, texts.length)
  })

  it('gives along the text of a key alone', async () => {
    const {digest, texts = []} = await policyOf({ask: {key: `/policy/keys/${builder.spki}.pub`}, production: {requires: {signature}}})
    assert.equal(sha256Hex(texts[0]?.bytes ?? ''), digest)
  })

  it('reads all that an environment names', async () => {
    const {keys, identities, trustedRoot, timestampAuthorities, approvals: asked, promotion: promoting, persons, requires} = await policyOf()
    assert.deepEqual(
      keys.map(({spki, status}) => [spki, status]),
      [[builder.spki, 'active']],
    )
    assert.deepEqual([identities, trustedRoot, timestampAuthorities], [[KEYLESS], ROOT, [{chain: CHAIN, until: '2027-01-01'}]])
    assert.deepEqual([asked?.minimum, asked?.notAuthor], [2, true])
    assert.deepEqual(
      asked?.by.map((approver) => [approver.person, 'key' in approver ? approver.key.spki : approver.identity]),
      [
        ['ann', ann.spki],
        ['bob', bob.spki],
        ['carol', KEYLESS],
      ],
    )
    assert.equal(promoting?.spki, promoter.spki)
    assert.equal(personOf({issuer: 'git.example', id: 'ANN@clinic.example'}, persons), 'ann')
    assert.deepEqual(requires, {gate: {}})
  })

  it('trusts no identity without a trusted root, wherever it is named', async () => {
    await refused({top: {'trusted-root': undefined}}, /environment production trusts an identity, and `trusted-root`/)
    const byKey = {keys: [pinOf(builder)]}
    await refused({top: {'trusted-root': undefined}, production: {...PRODUCTION, requires: {signature: byKey}}}, /`trusted-root`/)
    const plain = {repository: HOME, requires: {signature: byKey}}
    assert.equal((await policyOf({top: {'trusted-root': undefined}, production: plain})).trustedRoot, undefined)
    await assert.rejects(policyOf({top: {'trusted-root': undefined}, production: plain, ask: {identity: KEYLESS}}), {code: 'policy.invalid'})
  })

  it('refuses files that are not what was pinned, or not there, or not readable', async () => {
    await refused(
      {files: {...FILES, 'tsa.pem': `${CHAIN} `}},
      /timestamp authority in \/policy\/tsa\.pem is sha256:.* but environments\.production\.requires\.signature\.timestamp-authorities pins/,
    )
    await refused({files: {...FILES, 'trusted-root.json': '{'}}, /trusted root \/policy\/trusted-root\.json is not JSON/)
    await refused({files: {...FILES, 'trusted-root.json': '1'}}, /is not a JSON object/)
    const {'identities.yaml': _persons, ...less} = FILES
    await refused({files: less}, /no file \/policy\/identities\.yaml, which `identities` names/)
    await refused({production: {...PRODUCTION, promotion: {...promotion, spki: `sha256:${'0'.repeat(64)}`}}}, /environments\.production\.promotion pins sha256/)
    await refused(
      {production: {...PRODUCTION, approvals: {by: [{person: 'ann', ...pinOf(ann), spki: pinOf(bob)['spki']}]}}},
      /environments\.production\.approvals\.by \(ann\) pins/,
    )
  })

  it('names every fault in who is who, with its line', async () => {
    await refused({files: {...FILES, 'identities.yaml': 'version: 1\npersons:\n  - person: ann\n'}}, /identities\.yaml:3:5: persons\.0\.principals:/)
    await refused({files: {...FILES, 'identities.yaml': 'version: 1\npersons: &all []\nagain: *all\n'}}, /identities\.yaml:3:8: .*alias/)
    const twice = `${PERSONS}  - person: dan\n    principals: [{issuer: git.example, id: Ann@clinic.example}]\n`
    await refused({files: {...FILES, 'identities.yaml': twice}}, /Ann@clinic\.example \(git\.example\) stands for two persons/)
  })

  it('keeps duties apart that must not meet in one key', async () => {
    const withApprovers = (by: unknown) => ({...PRODUCTION, approvals: {by}})
    await refused({production: withApprovers([{person: 'ann', ...pinOf(builder)}])}, /key sha256:.* of ann also signs or promotes/)
    await refused({production: withApprovers([{person: 'ann', ...pinOf(promoter)}])}, /also signs or promotes/)
    await refused({production: {...PRODUCTION, promotion: {...promotion, ...pinOf(builder)}}}, /both signs builds and promotes them/)
    await refused(
      {
        production: withApprovers([
          {person: 'ann', ...pinOf(ann)},
          {person: 'bob', ...pinOf(ann)},
        ]),
      },
      /ann and bob would approve as one/,
    )
    await refused({production: withApprovers([{person: 'eve', ...KEYLESS}])}, /eve approves, but .* says that this identity is carol/)
  })

  it('refuses to ask for more approvals than there are persons', async () => {
    const by = [
      {person: 'ann', ...pinOf(ann)},
      {person: 'ann', ...pinOf(bob)},
    ]
    await refused({production: {...PRODUCTION, approvals: {minimum: 2, by}}}, /asks for 2 approvals, and lets 1 person give them/)
  })

  it('lets a key or an identity that is given stand in for all signers, and for nothing else', async () => {
    const key = `/policy/keys/${bob.spki}.pub`
    const production = {...PRODUCTION, approvals: {by: [{person: 'ann', ...pinOf(ann)}]}}
    const byKey = await policyOf({production, ask: {key}})
    assert.deepEqual([byKey.keys.map(({spki}) => spki), byKey.identities, byKey.promotion], [[bob.spki], undefined, undefined])
    assert.equal(byKey.approvals?.by.length, 1)
    const byIdentity = await policyOf({production, ask: {identity: KEYLESS}})
    assert.deepEqual([byIdentity.keys, byIdentity.identities, byIdentity.promotion], [[], [KEYLESS], undefined])
  })

  it('asks no key service for a key that is given', async () => {
    for (const key of ['awskms:///alias/image-signing', 'pkcs11:token=t;id=%01'])
      await assert.rejects(policyOf({ask: {key}}), {code: 'usage.flag', message: /is not a file, and a verdict asks no key service/})
  })

  it('gives another digest for whatever else is read', async () => {
    const digests = await Promise.all(
      [
        {},
        {ask: {key: `/policy/keys/${bob.spki}.pub`}},
        {ask: {identity: KEYLESS}},
        {files: {...FILES, 'identities.yaml': `${PERSONS}# more\n`}},
        {files: {...FILES, 'trusted-root.json': JSON.stringify({...ROOT, tlogs: []})}},
        {production: {...PRODUCTION, approvals: {...approvals, minimum: 1}}},
        {production: {...PRODUCTION, requires: {signature}}},
        {production: {...PRODUCTION, match: {clusters: ['*'], namespaces: ['*']}}},
        {production: {...PRODUCTION, promotion: undefined}},
        {top: {images: [{match: 'docker.io/library/*', digests: [`sha256:${'0'.repeat(64)}`], 'approved-by': 'ann', until: '2027-01-01'}]}},
      ].map(async (setting: Setting) => (await policyOf(setting)).digest),
    )
    assert.equal(new Set(digests).size, digests.length)
  })

  it('judges by an identity alone where there is no environment', async () => {
    const context = verdictContext({policy: {'trusted-root': 'trusted-root.json'}, images: {}, files: FILES})
    const {name, keys, identities, trustedRoot} = await selectPolicy({identity: KEYLESS}, context)
    assert.deepEqual({name, keys, identities, trustedRoot}, {name: '(identity)', keys: [], identities: [KEYLESS], trustedRoot: ROOT})
  })
})

describe('environmentPolicy', () => {
  it('reads nothing for an environment that requires nothing, because nothing passes there', async () => {
    const context = verdictContext({images: {}})
    const policy = await environmentPolicy('production', {}, context)
    assert.deepEqual([policy.name, policy.keys, policy.requires], ['production', [], undefined])
  })
})
