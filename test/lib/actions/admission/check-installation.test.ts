/** What would show only in a cluster, and too late, is refused before anything is written. */
import assert from 'node:assert/strict'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {installAdmission, type InstallRequest} from '../../../../src/lib/actions/admission/install-admission.ts'
import {scratch} from '../../../scratch.ts'
import {installWorld} from './install-world.ts'

const ANYWHERE = {match: '*/vendor/*', digests: [`sha256:${'a'.repeat(64)}`], 'approved-by': 'platform-team', until: '2099-12-31'}

describe('an installation that cannot work', () => {
  const folder = scratch()

  const cases: readonly [string, Partial<InstallRequest>, Readonly<Record<string, unknown>>, string, RegExp][] = [
    ['an image by tag', {image: 'registry.example/hipaa-ci:1.0'}, {}, 'usage.flag', /has no digest/],
    ['an image without a host', {image: 'hipaa-ci'}, {}, 'usage.target', /hipaa-ci/],
    ['a namespace that is none', {namespace: 'Hipaa_CI'}, {}, 'usage.flag', /Hipaa_CI/],
    ['a role that is none', {roleArn: 'admission'}, {}, 'usage.flag', /not the ARN/],
    ['a Secret that is none', {registrySecret: 'Our_Logins'}, {}, 'usage.flag', /--registry-secret Our_Logins is not the name/],
    ['a ConfigMap that is none', {registryCa: 'ca/crt'}, {}, 'usage.flag', /--registry-ca-configmap ca\/crt is not the name/],
    ['a store in a folder', {}, {store: 'folder:evidence'}, 'store.unsupported', /no such folder/],
    ['a network that would wait for the provider', {}, {admission: {exempt: ['gatekeeper-system', 'hipaa-ci']}}, 'usage.input', /leaves out kube-system/],
    ['a cluster that no environment is for', {cluster: 'staging'}, {}, 'usage.input', /for the cluster staging: all that it asks about would be refused/],
    ['a provider that would wait for itself', {}, {admission: {exempt: ['kube-system', 'gatekeeper-system']}}, 'usage.input', /leaves out hipaa-ci/],
    ['a Gatekeeper that would wait for itself', {}, {admission: {exempt: ['kube-system', 'hipaa-ci']}}, 'usage.input', /leaves out gatekeeper-system/],
    [
      'a canary that nobody looks at',
      {},
      {admission: {exempt: ['kube-system', 'gatekeeper-system', 'hipaa-ci', 'hipaa-ci-canary']}},
      'usage.input',
      /neither exempt/,
    ],
    [
      'a provider where nothing may run',
      {namespace: 'hipaa-ci-canary'},
      {admission: {exempt: ['kube-system', 'gatekeeper-system', 'hipaa-ci-canary']}},
      'usage.input',
      /neither exempt/,
    ],
    [
      'an environment of any registry',
      {},
      {environments: {production: {match: {clusters: ['prod-*'], namespaces: ['*']}}}},
      'policy.invalid',
      /names no repository/,
    ],
    ['a rule for any registry', {}, {images: [ANYWHERE]}, 'policy.invalid', /names no registry/],
    ['an address that may change', {policy: 'https://policy.example/prod.yaml'}, {}, 'usage.flag', /has no digest/],
    ['a file that is not there', {}, {'trusted-root': 'absent.json'}, 'policy.invalid', /absent\.json/],
    ['a file beside the policy’s folder', {}, {identities: '../persons.yaml'}, 'usage.input', /does not lie below/],
  ]
  for (const [what, request, config, code, message] of cases)
    it(`is refused: ${what}`, async () => {
      const world = installWorld(folder(), config)
      await assert.rejects(installAdmission(world.request(request), world.context), {code, message})
      assert.ok(!existsSync(join(world.folder, 'out')))
    })

  it('is refused: a policy that is larger than a cluster takes', async () => {
    const world = installWorld(folder())
    writeFileSync(join(world.folder, 'keys', 'release.pub'), 'x'.repeat(950_000))
    await assert.rejects(installAdmission(world.request(), world.context), {code: 'usage.input', message: /at most 900000/})
  })
})
