/** A server that cannot begin: it ends, says why, and leaves its log to the next. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {createServer, type AddressInfo} from 'node:net'
import {join} from 'node:path'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {createAuthority} from '../certificates.ts'
import {servedAdmission} from '../served-admission.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

describe('admission serve that cannot begin', function () {
  this.timeout(120_000)
  let workspace: Workspace
  let spki = ''

  const policy = (admission: string) => `version: 1
system: patient-api
environments:
  production: {repository: registry.test/web, match: {clusters: [test], namespaces: ["*"]}, requires: {signature: {keys: [{spki: "sha256:${spki}", file: cosign.pub}]}}}
admission: ${admission}
`
  const flags = (changed: Readonly<Record<string, string>> = {}) =>
    Object.entries({
      '--cluster': 'test',
      '--policy': 'policy.yaml',
      '--listen': '127.0.0.1:0',
      '--observe': '127.0.0.1:0',
      '--tls-cert': 'tls.crt',
      '--tls-key': 'tls.key',
      '--client-ca': 'client-ca.crt',
      '--wal': 'wal-test-0',
      ...changed,
    }).flat()

  before(async () => {
    workspace = await createWorkspace()
    assert.equal((await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])).exitCode, 0)
    spki = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''
    const authority = createAuthority('Synthetic authority')
    const {cert, key} = authority.issue(['127.0.0.1'])
    await workspace.write('tls.crt', cert)
    await workspace.write('tls.key', key)
    await workspace.write('client-ca.crt', authority.cert)
    await workspace.write('policy.yaml', policy('{}'))
    await workspace.write(
      'wide.yaml',
      policy(`{rollout: [${Array.from({length: 65}, (_, at) => `{namespaces: [n${at}], enforce-on: 2999-01-01}`).join(', ')}]}`),
    )
  })
  afterEach(async () => {
    const next = await servedAdmission(workspace, {cluster: 'test'})
    await next.start()
    assert.equal(await next.stop(), 0, 'the log is free')
  })
  after(async () => workspace?.remove())

  const ends = async (argv: readonly string[], exitCode: number, said: RegExp) => {
    const {stderr, ...result} = await workspace.cli(['admission', 'serve', ...argv])
    assert.equal(result.exitCode, exitCode, stderr)
    assert.match(stderr, said)
  }

  it('has no certificate', () => ends(flags({'--tls-cert': 'none.crt'}), 4, /none\.crt/))

  it('finds its port taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const {port} = other.address() as AddressInfo
      await ends(flags({'--listen': `127.0.0.1:${port}`}), 4, /something else listens there/)
    } finally {
      other.close()
    }
  })

  it('is to leave no record', () => ends([...flags(), '--no-record'], 2, /recorded before it is told/))

  it('has a policy that no record of what is enforced could hold', () => ends(flags({'--policy': 'wide.yaml'}), 2, /rollout/))
})
