/** Verdicts by bundles that are given by hand: about files, digests, and images that no registry is asked for. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {verifySubject} from '../../../../src/lib/actions/verify/verify-subject.ts'
import type {VerifyRequest} from '../../../../src/lib/actions/verify/verify-image.ts'
import {UNNAMED_SYSTEM} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessBundle, keylessMessageBundle} from '../../../fakes/keyless-signer.ts'
import {startAuthorities, type Authorities} from '../../../fakes/sigstore-authorities.ts'
import {gateOf, sbomOf, scanOf, signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext, type VerdictContext} from '../../../fakes/verdict-context.ts'
import {statementBytes, VSA_TYPE} from '../../../../src/lib/evidence/statement.ts'

const FILE = Buffer.from('synthetic artifact')
const DIGEST = `sha256:${createHash('sha256').update(FILE).digest('hex')}`
const OTHER = `sha256:${'0'.repeat(64)}`
const HOME = 'registry.example/team/app'
const [signer, stranger] = [createSigner(), createSigner()]
const statementOf = (digest: string) => ({digests: [digest], predicateType: 'https://example.test/synthetic', predicate: {}})
const summary = {digests: [DIGEST], predicateType: VSA_TYPE, predicate: {verificationResult: 'FAILED'}}
const key = `/policy/keys/${signer.spki}.pub`
const at = (name: string) => `/policy/${name}`

describe('verify with bundles that are given', () => {
  let authorities: Authorities
  let files: Record<string, string | Uint8Array>
  before(async () => {
    authorities = await startAuthorities()
    files = {
      artifact: FILE,
      'statement.json': signer.bundle(statementOf(DIGEST)),
      'message.json': signer.messageBundle(FILE),
      'other-statement.json': signer.bundle(statementOf(OTHER)),
      'other-message.json': signer.messageBundle(Buffer.from('something else')),
      'stranger.json': stranger.bundle(statementOf(DIGEST)),
      'damaged.json': signer.bundle(statementOf(DIGEST), {signature: (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)])}),
      'empty.json': '',
      'signature.json': signer.bundle(signatureOf([DIGEST], HOME)),
      'gate.json': signer.bundle(gateOf([DIGEST])),
      'sbom.json': signer.bundle(sbomOf(DIGEST)),
      'scan.json': signer.bundle(scanOf(DIGEST)),
      'keyless.json': JSON.stringify(await keylessBundle(authorities, statementBytes(statementOf(DIGEST)))),
      'keyless-message.json': JSON.stringify(await keylessMessageBundle(authorities, FILE)),
      'keyless-signature.json': JSON.stringify(
        await keylessBundle(authorities, statementBytes({digests: [DIGEST], predicateType: 'https://sigstore.dev/cosign/sign/v1', predicate: {}})),
      ),
      'root.json': JSON.stringify(authorities.trustedRoot),
    }
  })

  const context = (policy: Readonly<Record<string, unknown>> = {}): VerdictContext => verdictContext({policy, images: {}, keys: [signer, stranger], files})
  /** Exit code and reasons; the code of the error where there is no verdict. */
  async function ask(request: Omit<VerifyRequest, 'bundles'> & {readonly bundles?: readonly string[]}, world = context()): Promise<unknown[]> {
    try {
      const {bundles, ...rest} = request
      const {exitCode, checks} = await verifySubject({...rest, ...(bundles !== undefined && {bundles: bundles.map(at)})}, world)
      return [exitCode, ...checks.flatMap(({reason}) => reason ?? [])]
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return [error.exitCode, error.code]
    }
  }

  describe('about a file or a digest', () => {
    for (const image of [at('artifact'), DIGEST])
      for (const bundle of ['statement.json', 'message.json'])
        it(`holds ${bundle} against ${image === DIGEST ? 'the digest' : 'the file'}`, async () => {
          assert.deepEqual(await ask({image, bundles: [bundle], key}), [0])
        })

    for (const [bundle, expected] of [
      ['other-statement.json', [1, 'signature.wrong-subject']],
      ['other-message.json', [1, 'signature.wrong-subject']],
      ['stranger.json', [1, 'signature.wrong-key']],
      ['damaged.json', [1, 'signature.invalid']],
      ['empty.json', [5, 'attestation.unreadable']],
      ['absent.json', [2, 'usage.input']],
    ] as const)
      it(`refuses ${bundle}: ${expected.join(' ')}`, async () => {
        assert.deepEqual(await ask({image: at('artifact'), bundles: [bundle], key}), expected)
      })

    it('takes no signed refusal for a signature, and tells a statement from one', async () => {
      const said = {passed: gateOf([DIGEST]), stopped: gateOf([DIGEST], {decision: 'fail'}), unclear: {...gateOf([DIGEST]), predicate: {}}, summary}
      const beside = Object.fromEntries(Object.entries(said).map(([name, statement]) => [`${name}.json`, signer.bundle(statement)]))
      const world = verdictContext({images: {}, keys: [signer], files: beside})
      assert.deepEqual(await ask({image: DIGEST, bundles: ['passed.json'], key}, world), [0])
      for (const name of ['stopped', 'unclear', 'summary'])
        assert.deepEqual(await ask({image: DIGEST, bundles: [`${name}.json`], key}, world), [1, 'attestation.invalid'], name)
      const {checks} = await verifySubject({image: DIGEST, bundles: [at('passed.json')], key}, world)
      assert.match(checks[0]?.message ?? '', /^a statement \(https:\/\/in-toto.io\/attestation\/test-result\/v0.1\) signed by key/)
    })

    it('wants every bundle to hold', async () => {
      assert.deepEqual(await ask({image: at('artifact'), bundles: ['statement.json', 'message.json'], key}), [0])
      assert.deepEqual(await ask({image: at('artifact'), bundles: ['statement.json', 'stranger.json'], key}), [1, 'signature.wrong-key'])
    })

    it('trusts an identity that the given root vouches for, and both its names', async () => {
      const request = {image: at('artifact'), trustedRoot: at('root.json'), identity: {identity: IDENTITY, issuer: ISSUER}}
      assert.deepEqual(await ask({...request, bundles: ['keyless.json', 'keyless-message.json']}), [0])
      assert.deepEqual(await ask({...request, bundles: ['keyless.json'], identity: {identity: IDENTITY, issuer: 'https://issuer.example'}}), [
        1,
        'signature.wrong-identity',
      ])
      const {trustedRoot: _none, ...rootless} = request
      assert.deepEqual(await ask({...rootless, bundles: ['keyless.json']}), [2, 'policy.invalid'])
    })

    it('needs a signer, and no policy of images', async () => {
      assert.deepEqual(await ask({image: DIGEST, bundles: ['statement.json']}), [2, 'usage.flag'])
      assert.deepEqual(await ask({image: DIGEST, bundles: ['statement.json'], key, environment: 'production'}), [2, 'usage.flag'])
      assert.deepEqual(await ask({image: DIGEST, bundles: ['statement.json'], key, repository: HOME}), [2, 'usage.flag'])
      assert.deepEqual(await ask({image: DIGEST, bundles: ['statement.json'], key, asOf: new Date()}), [2, 'usage.flag'])
      assert.deepEqual(await ask({image: DIGEST, bundles: ['statement.json'], key, attest: {}}), [2, 'usage.flag'])
    })

    it('is asked for with a bundle: no registry has a bare digest', async () => {
      await assert.rejects(verifySubject({image: DIGEST, key}, context()), (error) => {
        assert.ok(error instanceof AppError)
        assert.equal(error.code, 'usage.flag')
        assert.match(error.suggestions.join(), /--bundle FILE/)
        return true
      })
    })

    it('says what is wrong with a private key, and with a name that is neither a file nor an image', async () => {
      const pem = '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nsynthetic\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n'
      const world = verdictContext({images: {}, files: {...files, 'own.key': pem}})
      await assert.rejects(verifySubject({image: DIGEST, bundles: [at('statement.json')], key: at('own.key')}, world), {
        code: 'key.unreadable',
        suggestions: [`Give its public half: ${at('own.pub')}`],
      })
      const absent = {code: 'usage.target', message: /^there is no file "nowhere\.bin"/}
      await assert.rejects(verifySubject({image: 'nowhere.bin', key}, context()), absent)
      await assert.rejects(verifySubject({image: 'nowhere.bin', bundles: [at('statement.json')], key}, context()), absent)
    })

    it('tells that a file is judged by its bundle', () =>
      assert.rejects(verifySubject({image: at('artifact'), key}, context()), {
        code: 'usage.target',
        suggestions: [`hipaa-ci verify ${at('artifact')} --bundle FILE --key FILE`],
      }))

    it('does not tell what to do about an image', async () => {
      for (const bundle of ['other-statement.json', 'stranger.json', 'damaged.json', 'empty.json']) {
        const {checks} = await verifySubject({image: DIGEST, bundles: [at(bundle)], key}, context())
        for (const {fix} of checks) assert.doesNotMatch(fix ?? 'none', /image|registry|none/, bundle)
      }
    })

    it('is recorded under the digest where there is a project, and nowhere else', async () => {
      const world = context()
      const result = await verifySubject({image: at('artifact'), bundles: [at('statement.json')], key}, world)
      const [record] = await world.records()
      assert.deepEqual([result.digest, result.recorded, record?.subject, record?.data.environment], [DIGEST, true, `urn:hipaa-ci:artifact:${DIGEST}`, 'key'])
      const nowhere = {...world, config: {...world.config, system: UNNAMED_SYSTEM}}
      assert.equal((await verifySubject({image: at('artifact'), bundles: [at('statement.json')], key}, nowhere)).recorded, false)
    })
  })

  describe('about an image', () => {
    const requires = {signature: {keys: [pinOf(signer)]}, gate: {}, sbom: {}, scan: {}}
    const policy = {environments: {production: {repository: HOME, requires}}}
    const image = `${HOME}@${DIGEST}`
    const all = ['signature.json', 'gate.json', 'sbom.json', 'scan.json']

    it('judges by the policy, as if they were all that is attached', async () => {
      assert.deepEqual(await ask({image, bundles: all}, context(policy)), [0])
      assert.deepEqual(await ask({image, bundles: ['signature.json', 'sbom.json', 'scan.json']}, context(policy)), [6, 'gate.missing'])
      assert.deepEqual((await ask({image: `${HOME}@${OTHER}`, bundles: all}, context(policy))).slice(0, 2), [1, 'signature.wrong-subject'])
    })

    it('refuses a name that is a file too: a file in a checkout must not stand in for an image', async () => {
      const shadowed = `registry.example/team/app@${OTHER}`
      const beside = {[shadowed]: FILE, 'statement.json': signer.bundle(statementOf(DIGEST))}
      const world = {...verdictContext({images: {}, keys: [signer], files: beside}), cwd: '/policy'}
      assert.deepEqual(await ask({image: shadowed, bundles: ['statement.json'], key}, world), [2, 'usage.target'])
      assert.deepEqual(await ask({image: `./${shadowed}`, bundles: ['statement.json'], key}, world), [0])
    })

    it('wants it named by its digest', async () => {
      assert.deepEqual(await ask({image: `${HOME}:latest`, bundles: all}, context(policy)), [2, 'usage.flag'])
    })

    it('gives no verdict about a time to come', async () => {
      const world = context(policy)
      const asOf = new Date(world.now().getTime() + 86_400_000)
      assert.deepEqual(await ask({image, bundles: all, asOf}, world), [2, 'usage.flag'])
    })

    it('signs no verdict that lies beside no image, nor one about the past', async () => {
      assert.deepEqual(await ask({image, bundles: all, attest: {}}, context(policy)), [2, 'usage.flag'])
      assert.deepEqual(await ask({image, asOf: new Date(0), attest: {}}, context(policy)), [2, 'usage.flag'])
      assert.deepEqual(await ask({image, attest: {}}, context(policy)), [2, 'key.missing'])
    })

    it('trusts an identity, whose tools name no repository', async () => {
      const request = {image, bundles: ['keyless-signature.json'], trustedRoot: at('root.json'), identity: {identity: IDENTITY, issuer: ISSUER}}
      const world = context()
      assert.deepEqual(await ask(request, world), [0])
      assert.equal((await world.records())[0]?.data.environment, 'identity')
      assert.deepEqual(await ask({...request, identity: {identity: 'somebody@else.example', issuer: ISSUER}}), [1, 'signature.wrong-identity'])
    })
  })
})
