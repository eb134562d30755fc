/**
 * The rows of the lie matrix that any client can lay out, on two real registries and an OCI layout; those that a registry
 * itself tells, on one that lies. With the real Cosign beside.
 */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import process from 'node:process'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {createLayout} from '../../src/lib/registry/layout.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {IDENTITY, ISSUER} from '../fakes/keyless-signer.ts'
import {quick} from '../lib/registry/settings.ts'
import {askOverHttp} from '../lie-matrix/ask-over-http.ts'
import {askVerdict, assertExpected} from '../lie-matrix/ask-verdict.ts'
import {APPROVAL_ROWS} from '../lie-matrix/approval-rows.ts'
import {ATTESTATION_ROWS} from '../lie-matrix/attestation-rows.ts'
import {POLICY_ROWS} from '../lie-matrix/policy-rows.ts'
import {REGISTRY_ROWS} from '../lie-matrix/registry-rows.ts'
import type {Row} from '../lie-matrix/row.ts'
import {SIGNATURE_ROWS} from '../lie-matrix/signature-rows.ts'
import {createScene} from '../lie-matrix/scene.ts'
import {STORE_ROWS} from '../lie-matrix/store-rows.ts'
import {TIME_ROWS} from '../lie-matrix/time-and-identity-rows.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const ROWS: readonly Row[] = [...SIGNATURE_ROWS, ...ATTESTATION_ROWS, ...POLICY_ROWS, ...TIME_ROWS, ...APPROVAL_ROWS]

/** `cosign verify`, offline. Its exit code is what is asked for. */
const cosignVerify: ToolSpec<{image: string; trust: readonly string[]; timeout?: string}, number> = {
  tool: 'cosign',
  answers: [0, 1, 10, 11],
  outputs: [],
  argv: ({image, trust, timeout = '3m'}) => ['verify', '--timeout', timeout, ...trust, image],
  parse: ({exitCode}) => exitCode,
}

const byKey = (file: string): readonly string[] => ['--key', file, '--insecure-ignore-tlog']
const byIdentity = (root: string): readonly string[] => ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER, '--trusted-root', root]

for (const referrers of [true, false]) {
  describe(`the lie matrix, on a registry ${referrers ? 'with the referrers API' : 'that knows only the fallback tag'}`, function () {
    this.timeout(120_000)
    let registry: TestRegistry
    let workspace: Workspace
    before(async () => {
      registry = await startRegistry({referrers})
      workspace = await createWorkspace()
    })
    after(async () => {
      await registry.stop()
      await workspace.remove()
    })

    for (const [at, {situation, expected, cosign, cosignByTag = cosign, index, lay}] of ROWS.entries()) {
      const theirs = referrers ? cosign : cosignByTag
      it(`${situation}: ours ${expected.exit} ${expected.reason ?? ''}${theirs === undefined ? '' : `, Cosign's ${theirs}`}`, async () => {
        const repository = `${registry.host}/lies/row-${at}`
        const store = openRegistry(repository, quick())
        const scene = await createScene(store, repository, index === true ? serviceIndex() : serviceImage())
        const ask = (await lay(scene)) ?? {}
        assertExpected(await askVerdict(scene, {[repository]: store}, ask), expected)
        if (theirs === undefined) return
        const root = ask.files?.['root.json']
        const trust =
          root === undefined ? byKey(await workspace.write(`row-${at}.pub`, scene.trusted.pem)) : byIdentity(await workspace.write(`row-${at}.json`, root))
        const {value} = await createRunTool({cwd: workspace.folder, env: process.env})(cosignVerify, {
          image: ask.image ?? `${repository}@${scene.digest}`,
          trust,
        })
        assert.equal(value, theirs, `cosign verify ${trust.join(' ')}`)
      })
    }
  })
}

describe('the lie matrix, on a registry that lies or is in trouble', function () {
  this.timeout(120_000)
  let workspace: Workspace
  before(async () => {
    workspace = await createWorkspace()
  })
  after(async () => workspace.remove())

  for (const [at, row] of [...STORE_ROWS.filter(({kind}) => kind === undefined), ...REGISTRY_ROWS].entries()) {
    const {situation, expected, cosign} = row
    it(`${situation}: ours ${expected.exit} ${expected.reason ?? ''}, Cosign's ${String(cosign)}`, async () => {
      let theirs: number | undefined
      const ours = await askOverHttp(row, async ({image, pem}) => {
        const trust = byKey(await workspace.write(`row-${at}.pub`, pem))
        const timeout = 'cosignTimeout' in row ? {timeout: row.cosignTimeout} : {}
        theirs = (await createRunTool({cwd: workspace.folder, env: process.env})(cosignVerify, {image, trust, ...timeout})).value
      })
      assertExpected(ours, expected)
      assert.equal(theirs, cosign)
    })
  }
})

describe('the lie matrix, on an OCI layout', function () {
  this.timeout(120_000)
  const repository = 'registry.example/team/app'
  let workspace: Workspace
  before(async () => {
    workspace = await createWorkspace()
  })
  after(async () => workspace.remove())

  for (const [at, {situation, expected, index, lay}] of ROWS.filter(({notOnLayout}) => notOnLayout === undefined).entries()) {
    it(`${situation}: ${expected.exit} ${expected.reason ?? ''}`, async () => {
      const store: ImageStore = await createLayout(join(workspace.folder, `row-${at}`))
      const scene = await createScene(store, repository, index === true ? serviceIndex() : serviceImage())
      const {image = `${repository}@${scene.digest}`, ...ask} = (await lay(scene)) ?? {}
      // The folder stands for the repository: it is named instead of it.
      assertExpected(await askVerdict(scene, {[store.location]: store}, {...ask, image: image.replace(repository, store.location)}), expected)
    })
  }
})
