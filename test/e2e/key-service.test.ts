/** Signing with a key in a key service: a real one, and one in front of it that fails. Cosign and our own verify agree on what was signed. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {request as forward} from 'node:http'
import {createServer, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {openRecord} from '../../src/lib/evidence/record.ts'
import type {EvidenceRecord} from '../../src/lib/evidence/schema.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {createAuthority} from '../certificates.ts'
import {cosignProgram} from '../cosign.ts'
import {closedEndpoint, startFaultyKms, type FaultyKms, type KmsFault} from '../fakes/kms-endpoint.ts'
import {startLocalKms, type LocalKms} from '../local-kms.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const URI = 'awskms:///alias/image-signing'

describe('signing with a key in AWS KMS', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let kms: LocalKms
  let workspace: Workspace
  let faulty: FaultyKms | undefined
  let version = 0

  before(async () => {
    registry = await startRegistry()
    kms = await startLocalKms({
      keys: [{alias: 'alias/image-signing'}, {alias: 'alias/p384', spec: 'ECC_NIST_P384'}, {alias: 'alias/disabled', disabled: true}],
    })
    workspace = await createWorkspace(kms.env)
    const pem = await kms.publicKeyPem('alias/image-signing')
    await workspace.write('image.pub', pem)
    await workspace.write('hipaa-ci.yaml', configuration(pem))
  })
  after(async () => {
    await registry.stop()
    await kms.stop()
    await workspace.remove()
  })
  afterEach(async () => {
    await faulty?.stop()
    faulty = undefined
  })

  const freshImage = async (): Promise<string> => {
    const repository = `${registry.host}/clinic/api`
    version += 1
    return `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: `1.0.${version}`}))}`
  }
  const attachedTo = async (image: string) => {
    const [repository = '', digest = ''] = image.split('@')
    return openRegistry(repository).referrers(digest)
  }
  const cosign = async (...args: readonly string[]) => run([await cosignProgram(), ...args], {cwd: workspace.folder})
  const records = async (stream: string): Promise<EvidenceRecord[]> => {
    const store = openFolderStore(`${workspace.folder}/.hipaa-ci/evidence`)
    const found: EvidenceRecord[] = []
    for await (const key of store.list(`records/v1/${stream}/`)) found.push(openRecord((await store.get(key)) ?? Buffer.of()))
    return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
  const codeOf = (json: unknown) => (json as {error?: {code: string}}).error?.code

  it('is accepted by cosign verify and by our own, which asks nobody', async () => {
    const image = await freshImage()
    const signed = await workspace.cli(['sign', image, '--json'])
    assert.equal(signed.exitCode, 0, signed.stderr)
    const attested = await workspace.cli(['attest', image, '--type', 'provenance'])
    assert.equal(attested.exitCode, 0, attested.stderr)

    const offline = ['--key', 'image.pub', '--insecure-ignore-tlog=true', image]
    const verified = await cosign('verify', ...offline)
    assert.equal(verified.kind === 'exited' && verified.exitCode, 0, JSON.stringify(verified))
    const provenance = await cosign('verify-attestation', '--type', 'https://slsa.dev/provenance/v1', ...offline)
    assert.equal(provenance.kind === 'exited' && provenance.exitCode, 0, JSON.stringify(provenance))

    faulty = await startFaultyKms(kms.endpoint, [{kind: 'hang'}])
    const ours = await workspace.cli(['verify', image, '--json'], {env: {...faulty.env}})
    assert.equal(ours.exitCode, 0, ours.stderr + ours.stdout)
    assert.deepEqual(faulty.calls, [])
  })

  it('signs once, and records what kind of credential it was', async () => {
    const image = await freshImage()
    await workspace.cli(['sign', image])
    const again = await workspace.cli(['sign', image, '--json'])
    assert.equal((again.json as {signed: boolean}).signed, false)
    const last = (await records('signature')).at(-1)
    assert.ok(last?.stream === 'signature')
    assert.equal(last.data.detail.credential_kind, 'kms')
    assert.equal(last.data.detail.service_credential, 'access-key')
    assert.doesNotMatch(JSON.stringify(last), /synthetic/, 'nothing of the credential itself')
  })

  describe('at an endpoint that the URI names', () => {
    const authority = createAuthority()
    let server: Server
    let host: string
    const place = {AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:9'}

    before(async () => {
      server = createServer(authority.issue(['localhost']), (request, response) => {
        const {host: _, ...headers} = request.headers
        const onward = forward(kms.endpoint, {method: 'POST', headers}, (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)))
        request.pipe(onward)
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      host = `localhost:${(server.address() as AddressInfo).port}`
    })
    after(() => {
      server.close()
      server.closeAllConnections()
    })

    it('is asked over TLS by us and by Cosign alike, whatever the variables say', async () => {
      const image = await freshImage()
      const NODE_EXTRA_CA_CERTS = await workspace.write('authority.pem', authority.cert)
      const signed = await workspace.cli(['sign', image, '--key', `awskms://${host}/alias/image-signing`], {env: {...place, NODE_EXTRA_CA_CERTS}})
      assert.equal(signed.exitCode, 0, signed.stderr)
      const verified = await cosign('verify', '--key', 'image.pub', '--insecure-ignore-tlog=true', image)
      assert.equal(verified.kind === 'exited' && verified.exitCode, 0, JSON.stringify(verified))
    })

    it('is not believed with a certificate of nobody, even where the environment says to', async () => {
      const image = await freshImage()
      const refused = await workspace.cli(['sign', image, '--json', '--key', `awskms://${host}/alias/image-signing`], {
        env: {...place, AWS_TLS_INSECURE_SKIP_VERIFY: '1'},
      })
      assert.deepEqual([codeOf(refused.json), refused.exitCode], ['key-service.unreachable', 4])
      assert.deepEqual(await attachedTo(image), [])
    })
  })

  describe('with what cannot work', () => {
    const fails = async (code: string, exitCode: number, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      const image = await freshImage()
      const result = await workspace.cli(['sign', image, '--json', ...args], {env})
      assert.deepEqual([codeOf(result.json), result.exitCode], [code, exitCode], result.stderr)
      assert.doesNotMatch(result.stdout + result.stderr, /synthetic|111122223333/, 'nothing of what the service said')
      assert.deepEqual(await attachedTo(image), [], 'nothing may be attached')
    }
    const behind = async (fault: KmsFault) => (faulty = await startFaultyKms(kms.endpoint, [fault])).env

    it('refuses a key of another kind', async () => fails('key.unsupported', 2, ['--key', 'awskms:///alias/p384']))
    it('tells a disabled key', async () => fails('key-service.refused', 4, ['--key', 'awskms:///alias/disabled']))
    it('tells a key that is not there', async () => fails('key-service.refused', 4, ['--key', 'awskms:///alias/nobody']))
    it('tells that there are no credentials', async () => fails('key-service.refused', 4, [], {AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: ''}))
    it('tells that nobody listens', async () => fails('key-service.unreachable', 4, [], {AWS_ENDPOINT_URL_KMS: await closedEndpoint()}))

    for (const name of ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException'] as const) {
      for (const operation of ['DescribeKey', 'Sign'] as const)
        it(`tells ${name} of ${operation}`, async () => fails('key-service.refused', 4, [], await behind({kind: 'exception', name, operation})))
    }
    for (const operation of ['DescribeKey', 'Sign'] as const) {
      it(`tells that ${operation} is throttled for good`, async () =>
        fails('key-service.unreachable', 4, [], await behind({kind: 'exception', name: 'ThrottlingException', operation})))
      it(`tells a connection that is cut on ${operation}`, async () => fails('key-service.unreachable', 4, [], await behind({kind: 'cut', operation})))
    }
  })

  describe('in CI', () => {
    const CI = {CI: 'true'}

    it('refuses an access key that does not end, and signs nothing', async () => {
      const image = await freshImage()
      const result = await workspace.cli(['sign', image, '--json'], {env: CI})
      assert.deepEqual([codeOf(result.json), result.exitCode], ['credentials.long-lived', 2])
      assert.deepEqual(await attachedTo(image), [])
    })

    it('signs with it where it is allowed by name, and records that', async () => {
      const image = await freshImage()
      const result = await workspace.cli(['sign', image, '--allow-long-lived', 'aws-access-key'], {env: CI})
      assert.equal(result.exitCode, 0, result.stderr)
      const last = (await records('signature')).at(-1)
      assert.ok(last?.stream === 'signature' && last.data.detail.service_credential === 'access-key')
    })

    it('signs with a role that ends', async () => {
      const image = await freshImage()
      const role = {AWS_ACCESS_KEY_ID: 'ASIASYNTHETIC0000000', AWS_SESSION_TOKEN: 'synthetic'}
      const result = await workspace.cli(['sign', image], {env: {...CI, ...role}})
      assert.equal(result.exitCode, 0, result.stderr)
      const last = (await records('signature')).at(-1)
      assert.ok(last?.stream === 'signature' && last.data.detail.service_credential === 'assumed-role')
    })

    it('refuses a key file, for every command that signs', async () => {
      const image = await freshImage()
      for (const [command = '', ...more] of [['sign'], ['attest', '--type', 'provenance'], ['pipeline']]) {
        const result = await workspace.cli([command, image, '--json', '--key', 'file:image.key', ...more], {env: CI})
        assert.deepEqual([codeOf(result.json), result.exitCode], ['credentials.long-lived', 2], command)
      }
      assert.deepEqual(await attachedTo(image), [])
    })
  })
})

function configuration(pem: string): string {
  const spki = readPublicKey(pem)?.spki ?? ''
  return `version: 1
system: patient-api
signing: {key: "${URI}"}
environments:
  local:
    requires:
      signature: {keys: [{spki: "sha256:${spki}", file: image.pub}]}
      provenance: {}
`
}
