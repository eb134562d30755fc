/**
 * What `sign`, `attest` and `verify` connect to, Cosign included: the registry, and the key service where one signs.
 *
 * Every attempt of every process is noted by the kernel's own tracing: nothing that was tried and failed is overlooked.
 */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import process from 'node:process'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceIndex} from '../../scripts/image/service.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {destinations, logConnections} from '../connection-log.ts'
import {quick} from '../lib/registry/settings.ts'
import {startLocalKms, type LocalKms} from '../local-kms.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {BIN, createWorkspace, type Workspace} from './workspace.ts'

for (const referrers of [true, false]) {
  describe(`connections, with a registry ${referrers ? 'that has the referrers API' : 'that knows only the fallback tag'}`, function () {
    this.timeout(180_000)
    let registry: TestRegistry
    let kms: LocalKms
    let workspace: Workspace
    let image: string

    before(async () => {
      registry = await startRegistry({referrers})
      kms = await startLocalKms()
      workspace = await createWorkspace(kms.env)
      const pem = await kms.publicKeyPem('alias/image-signing')
      await workspace.write('image.pub', pem)
      await workspace.write(
        'hipaa-ci.yaml',
        `version: 1
system: patient-api
signing: {key: "awskms:///alias/image-signing"}
environments:
  local: {requires: {signature: {keys: [{spki: "sha256:${readPublicKey(pem)?.spki ?? ''}", file: image.pub}]}, provenance: {}}}
`,
      )
      const repository = `${registry.host}/clinic/api`
      image = `${repository}@${await pushImage(openRegistry(repository, quick()), serviceIndex())}`
    })
    after(async () => {
      await workspace.remove()
      await kms.stop()
      await registry.stop()
    })

    const watched = async (...args: readonly string[]) => {
      const {exitCode, stdout, stderr, connections} = await logConnections([process.execPath, BIN, ...args], {
        cwd: workspace.folder,
        env: {...workspace.env},
        source: {},
      })
      assert.equal(exitCode, 0, `${stdout}${stderr}`)
      // A look for a cached name in the system's name service is a file on this machine, and no connection.
      return destinations(connections).filter((line) => !line.startsWith('unix /var/run/nscd/'))
    }
    const keyService = () => kms.endpoint.replace('http://', '')

    it('sign: the registry, the key service', async () => {
      assert.deepEqual(await watched('sign', image), [`inet ${keyService()} cosign`, `inet ${keyService()} node`, `inet ${registry.host} node`].toSorted())
    })

    it('attest: the registry, the key service', async () => {
      const reached = await watched('attest', image, '--type', 'provenance')
      assert.deepEqual(reached, [`inet ${keyService()} cosign`, `inet ${keyService()} node`, `inet ${registry.host} node`].toSorted())
    })

    it('verify: the registry alone, and no key service', async () => {
      assert.deepEqual(await watched('verify', image), [`inet ${registry.host} node`])
    })

    it('sign with a key file: the registry alone', async () => {
      const made = await workspace.cli(['init', '--system', 'x', '--generate-key', '--config', join(workspace.folder, 'other.yaml')])
      assert.equal(made.exitCode, 0, made.stderr)
      assert.deepEqual(await watched('sign', image, '--key', 'file:cosign.key'), [`inet ${registry.host} node`])
    })
  })
}
