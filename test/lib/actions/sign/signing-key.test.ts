import assert from 'node:assert/strict'
import {openSigningKey, serviceFailure, type SigningOptions} from '../../../../src/lib/actions/sign/signing-key.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {ServiceCredential} from '../../../../src/lib/evidence/details.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {RunTool} from '../../../../src/lib/ports/tools.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {verdictContext} from '../../../fakes/verdict-context.ts'

const signer = createSigner()
const ALIAS = 'awskms:///alias/image-signing'

/** What Cosign was asked for its public half. */
interface Asked {
  readonly reference: string
  readonly variables: Readonly<Record<string, string>>
}

interface Place {
  readonly ci?: boolean
  readonly signing?: object
  readonly credential?: ServiceCredential
  readonly variables?: Readonly<Record<string, string>>
  readonly said?: string
}

function place({ci = false, signing = {}, credential = 'web-identity', variables = {}, said}: Place = {}): Context & {readonly asked: Asked[]} {
  const asked: Asked[] = []
  const answer = async (_spec: unknown, input: unknown) => {
    asked.push(input as Asked)
    if (said !== undefined) throw new AppError('tool.failed', said)
    return {value: signer.pem, tool: {name: 'cosign', version: '3.1.2', sha256: '0'.repeat(64)}}
  }
  const context = quietContext({
    config: {...Config.parse({version: 1, system: 'x', signing: {key: 'file:cosign.key', ...signing}}), root: '/project'},
    cwd: '/project/deep',
    ci: async () => ({platform: ci ? 'ci' : 'workstation', ci, source: 'x', actor: {}, change: {authors: []}}),
    variable: (name) => variables[name],
    files: {exists: async () => true, read: async () => Buffer.from('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----')},
    runTool: answer as RunTool,
    serviceKey: async () => ({public: signer, credential, sign: async () => Buffer.of(), childVariables: async () => ({AWS_REGION: 'us-east-1'})}),
  })
  return Object.assign(context, {asked})
}

describe('openSigningKey', () => {
  it('knows a public key where the private one is wanted, and runs no tool with it', async () => {
    const context = verdictContext({images: {}, keys: [signer]})
    const path = `/policy/keys/${signer.spki}.pub`
    await assert.rejects(openSigningKey(`file:${path}`, context), {
      code: 'key.unreadable',
      message: `${path} is a public key, and signing takes the private one`,
    })
  })

  it('takes a path of the configuration from its folder, and a given one from the working folder', async () => {
    const context = place()
    await openSigningKey(undefined, context)
    await openSigningKey('file:other.key', context)
    await openSigningKey('file:other.key', context, {base: '/elsewhere'})
    assert.deepEqual(
      context.asked.map(({reference}) => reference),
      ['/project/cosign.key', '/project/deep/other.key', '/elsewhere/other.key'],
    )
  })

  for (const [uri, variable] of [
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', 'GOOGLE_APPLICATION_CREDENTIALS'],
    ['azurekms://vault.example/key', 'AZURE_TENANT_ID'],
    ['hashivault://key', 'VAULT_TOKEN'],
    ['openbao://key', 'BAO_TOKEN'],
    ['pkcs11:token=t;id=%01', 'COSIGN_PKCS11_PIN'],
    ['k8s://clinic/signing', 'KUBECONFIG'],
  ] as const) {
    it(`hands ${uri} to Cosign as it is, with the variables of that service alone`, async () => {
      const variables = {
        GOOGLE_APPLICATION_CREDENTIALS: '/g',
        AZURE_TENANT_ID: 'a',
        VAULT_TOKEN: 'v',
        BAO_TOKEN: 'b',
        COSIGN_PKCS11_PIN: '1',
        KUBECONFIG: '/k',
        VAULT_SKIP_VERIFY: '1',
      }
      const context = place({variables})
      const key = await openSigningKey(uri, context)
      assert.deepEqual(context.asked, [{reference: uri, variables: {[variable]: variables[variable]}}])
      assert.deepEqual(await key.forCosign(), {reference: uri, variables: {[variable]: variables[variable]}})
    })
  }

  it('asks AWS without Cosign, and lets only a command that signs many sign so', async () => {
    const context = place()
    const key = await openSigningKey(ALIAS, context)
    assert.deepEqual([key.kind, key.credential, key.service, context.asked], ['kms', 'web-identity', undefined, []])
    assert.deepEqual(await key.forCosign(), {reference: ALIAS, variables: {AWS_REGION: 'us-east-1'}})
    assert.ok((await openSigningKey(ALIAS, context, {many: true})).service)
  })

  it('takes a service that does not answer Cosign for out of reach, and its words for nobody', () => {
    const failure = (code: 'tool.timeout' | 'tool.failed' | 'tool.missing', words: string) => {
      const given = serviceFailure(ALIAS, new AppError(code, words))
      assert.ok(given instanceof AppError)
      return given
    }
    assert.equal(failure('tool.timeout', 'synthetic').code, 'key-service.unreachable')
    const refused = failure('tool.failed', 'AccessDeniedException: User synthetic')
    assert.deepEqual([refused.code, refused.message.includes('synthetic')], ['key-service.refused', false])
    assert.equal(failure('tool.failed', 'unknown flag').code, 'tool.failed')
    assert.equal(failure('tool.missing', 'no cosign').code, 'tool.missing')
  })

  it('tells a service that refuses from a wrong password', async () => {
    await assert.rejects(openSigningKey('gcpkms://k', place({said: 'code = PermissionDenied desc = role synthetic'})), (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, 'key-service.refused')
      assert.doesNotMatch(error.message, /synthetic/)
      return true
    })
    await assert.rejects(openSigningKey(undefined, place({said: 'decrypt: cipher'})), {code: 'key.unreadable'})
  })
})

describe('openSigningKey, in CI', () => {
  const refused = {code: 'credentials.long-lived', exitCode: 2}
  const open = async (reference: string | undefined, more: Place = {}, options: SigningOptions = {}) =>
    openSigningKey(reference, place({ci: true, ...more}), options)

  it('refuses a key file, before its password is used', async () => {
    const context = place({ci: true})
    await assert.rejects(openSigningKey(undefined, context), refused)
    assert.deepEqual(context.asked, [])
  })

  it('takes a key that a cluster hands out for a key file', async () => {
    await assert.rejects(open('k8s://clinic/signing'), refused)
  })

  it('refuses an AWS access key that does not end, and says nothing of it', async () => {
    await assert.rejects(open(ALIAS, {credential: 'access-key'}), {
      ...refused,
      message: 'the AWS access key that was found does not end by itself, and this is a CI job',
    })
  })

  for (const credential of ['web-identity', 'assumed-role', 'instance-role', 'sso', 'unknown'] as const) {
    it(`signs with ${credential}`, async () => {
      assert.equal((await open(ALIAS, {credential})).credential, credential)
    })
  }

  it('allows by name what the configuration names', async () => {
    assert.equal((await open(undefined, {signing: {'allow-long-lived': ['key-file']}})).kind, 'key-file')
    assert.equal((await open(ALIAS, {credential: 'access-key', signing: {'allow-long-lived': ['aws-access-key']}})).credential, 'access-key')
  })

  it('allows by name what the flag names', async () => {
    assert.equal((await open(undefined, {}, {allowLongLived: ['key-file']})).kind, 'key-file')
  })

  it('allows nothing that is not named', async () => {
    await assert.rejects(open(undefined, {signing: {'allow-long-lived': ['aws-access-key']}}), refused)
    await assert.rejects(open(ALIAS, {credential: 'access-key'}, {allowLongLived: ['key-file']}), refused)
  })

  it('is not where somebody works by hand: there both are allowed', async () => {
    assert.equal((await openSigningKey(undefined, place())).kind, 'key-file')
    assert.equal((await openSigningKey(ALIAS, place({credential: 'access-key'}))).credential, 'access-key')
  })
})
