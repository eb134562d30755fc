/** The platform's policy, held against its pin. Signatures of Cosign itself are in `test/e2e/floor.test.ts`. */
import assert from 'node:assert/strict'
import {loadFloor, policyByFlag} from '../../../../src/lib/actions/policy/load-floor.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {NamedPolicy} from '../../../../src/lib/ports/documents.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {verdictContext} from '../../../fakes/verdict-context.ts'

const BYTES = Buffer.from('version: 1\n')
const SHA = sha256Hex(BYTES)
const URL = 'https://policy.example/prod.yaml?v=2'
const signer = createSigner()
const stranger = createSigner()
const key = {spki: `sha256:${signer.spki}`, file: `/policy/keys/${signer.spki}.pub`}
const about = (digest: string, by = signer) => by.bundle(signatureOf([`sha256:${digest}`], 'x'))

async function load(named: Partial<NamedPolicy>, bundle?: Uint8Array): Promise<string> {
  const context = verdictContext({
    images: {},
    keys: [signer, stranger],
    files: {'p.yaml': BYTES, ...(bundle !== undefined && {'p.yaml.sigstore.json': bundle})},
    documents: {[URL]: BYTES, ...(bundle !== undefined && {'https://policy.example/prod.yaml.sigstore.json?v=2': bundle})},
  })
  try {
    return Buffer.from(await loadFloor({asked: '`floor`', file: '/policy/p.yaml', ...named}, context)).toString()
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

describe('loadFloor', () => {
  it('gives the bytes of a file that is trusted as given, and of one that fits its digest', async () => {
    assert.equal(await load({}), 'version: 1\n')
    assert.equal(await load({sha256: SHA}), 'version: 1\n')
    assert.equal(await load({file: URL, sha256: SHA}), 'version: 1\n')
  })

  it('refuses what is not there, not the same, or out of reach', async () => {
    assert.equal(await load({file: '/policy/absent.yaml'}), 'policy.unreadable')
    assert.equal(await load({sha256: '0'.repeat(64)}), 'policy.unreadable')
    assert.equal(await load({file: URL, sha256: '0'.repeat(64)}), 'policy.unreadable')
    assert.equal(await load({file: 'https://policy.example/other.yaml', sha256: SHA}), 'policy.unreachable')
  })

  it('believes whom it pins, by a bundle beside the file', async () => {
    assert.equal(await load({key}, about(SHA)), 'version: 1\n')
    assert.equal(await load({key, file: URL}, about(SHA)), 'version: 1\n')
    assert.equal(await load({key, sha256: SHA}, about(SHA)), 'version: 1\n')
  })

  it('believes nobody else, and nothing about something else', async () => {
    assert.equal(await load({key}), 'policy.unreadable')
    assert.equal(await load({key, file: URL}), 'policy.unreachable')
    assert.equal(await load({key}, about(SHA, stranger)), 'policy.unreadable')
    assert.equal(await load({key}, about('0'.repeat(64))), 'policy.unreadable')
    assert.equal(await load({key}, Buffer.from('{}')), 'policy.unreadable')
    assert.equal(await load({key, sha256: '0'.repeat(64)}, about(SHA)), 'policy.unreadable')
    assert.equal(await load({key: {...key, file: `/policy/keys/${stranger.spki}.pub`}}, about(SHA)), 'policy.invalid')
  })
})

describe('--policy', () => {
  it('is a file, a file with its digest, or an address with its digest', () => {
    assert.deepEqual(policyByFlag('p.yaml', '/project'), {asked: '--policy', file: '/project/p.yaml'})
    assert.deepEqual(policyByFlag(`/p.yaml@sha256:${SHA}`, '/project'), {asked: '--policy', file: '/p.yaml', sha256: SHA})
    assert.deepEqual(policyByFlag(`${URL}@sha256:${SHA}`, '/project'), {asked: '--policy', file: URL, sha256: SHA})
    assert.throws(() => policyByFlag(URL, '/project'), {code: 'usage.flag'})
    assert.throws(() => policyByFlag(`${URL}@sha256:abc`, '/project'), {code: 'usage.flag'})
  })
})
