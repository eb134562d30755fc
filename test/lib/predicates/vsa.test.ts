/** Our verification summaries as an independent verifier reads them: the real `slsa-verifier`. */
import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {builtTool} from '../../../scripts/built-tool.ts'
import {VSA_TYPE} from '../../../src/lib/evidence/statement.ts'
import {resourceUri, VERIFIER_ID, VsaPredicate, vsaPredicate, type VsaInput} from '../../../src/lib/predicates/vsa.ts'
import {run} from '../../../src/lib/process.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const REPOSITORY = '127.0.0.1:5000/prod/app'
const RESOURCE = `pkg:oci/app@sha256%3A${'d'.repeat(64)}?repository_url=${REPOSITORY}`
const INPUT: VsaInput = {
  toolVersion: '0.1.0',
  verifiedAt: '2026-06-15T12:00:00.000Z',
  repository: REPOSITORY,
  digest: DIGEST,
  policy: {name: 'production', sha256: 'c'.repeat(64)},
  verdict: 'verified',
  level: 2,
  inputs: [{manifest: `sha256:${'a'.repeat(64)}`, bundle: 'b'.repeat(64)}],
}

describe('a verification summary', () => {
  it('says what was verified, where, by which policy and on what ground', () => {
    const predicate = vsaPredicate(INPUT)
    assert.deepEqual(predicate, {
      verifier: {id: 'urn:hipaa-ci:verifier', version: {'hipaa-ci': '0.1.0'}},
      timeVerified: '2026-06-15T12:00:00.000Z',
      resourceUri: RESOURCE,
      policy: {uri: 'urn:hipaa-ci:policy:production', digest: {sha256: 'c'.repeat(64)}},
      inputAttestations: [{uri: resourceUri(REPOSITORY, `sha256:${'a'.repeat(64)}`), digest: {sha256: 'b'.repeat(64)}}],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
      slsaVersion: '1.1',
    })
    assert.equal(VsaPredicate.safeParse(predicate).success, true)
  })

  it('vouches for nothing unless all is verified', () => {
    for (const verdict of ['failed', 'missing', 'could-not-check'] as const) {
      const {verificationResult, verifiedLevels} = VsaPredicate.parse(vsaPredicate({...INPUT, verdict}))
      assert.deepEqual([verificationResult, verifiedLevels], ['FAILED', ['FAILED']], verdict)
    }
  })

  describe('read by slsa-verifier', () => {
    let folder: string
    const [signer, stranger] = [createSigner(), createSigner()]
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-vsa-'))
      await writeFile(join(folder, 'key.pub'), signer.pem)
      await writeFile(join(folder, 'stranger.pub'), stranger.pem)
    })
    after(async () => rm(folder, {recursive: true}))

    const flags = {
      'subject-digest': DIGEST,
      'resource-uri': RESOURCE,
      'verifier-id': VERIFIER_ID,
      'verified-level': 'SLSA_BUILD_LEVEL_2',
      'public-key-path': 'key.pub',
    }

    async function judged(input: VsaInput, more: Partial<typeof flags> = {}): Promise<boolean> {
      const bundle = JSON.parse(Buffer.from(signer.bundle({digests: [DIGEST], predicateType: VSA_TYPE, predicate: vsaPredicate(input)})).toString()) as {
        dsseEnvelope: object
      }
      await writeFile(join(folder, 'vsa.json'), JSON.stringify(bundle.dsseEnvelope))
      const args = Object.entries({...flags, ...more}).flatMap(([name, value]) => [`--${name}`, value])
      const result = await run([builtTool('slsa-verifier'), 'verify-vsa', '--attestation-path', 'vsa.json', ...args], {cwd: folder, timeout: 60_000})
      assert.ok(result.kind === 'exited')
      return result.exitCode === 0
    }

    it('passes', async () => {
      assert.equal(await judged(INPUT), true)
      assert.equal(await judged({...INPUT, level: 3}), true)
    })

    it('fails for another digest, resource, verifier or key, and for a level that was not reached', async () => {
      const wrong: readonly Partial<typeof flags>[] = [
        {'subject-digest': `sha256:${'e'.repeat(64)}`},
        {'resource-uri': RESOURCE.replace('prod', 'test')},
        {'verifier-id': 'urn:other:verifier'},
        {'public-key-path': 'stranger.pub'},
        {'verified-level': 'SLSA_BUILD_LEVEL_3'},
      ]
      for (const more of wrong) assert.equal(await judged(INPUT, more), false, JSON.stringify(more))
    })

    it('fails where the verdict was no pass', async () => {
      for (const verdict of ['failed', 'missing', 'could-not-check'] as const) assert.equal(await judged({...INPUT, verdict}), false, verdict)
    })
  })
})
