import assert from 'node:assert/strict'
import {X509Certificate} from 'node:crypto'
import {chmodSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {installAdmission} from '../../../../src/lib/actions/admission/install-admission.ts'
import {certificateInUse, trustedAuthorities} from '../../../../src/lib/admission/manifests/installed-files.ts'
import {scratch} from '../../../scratch.ts'
import {installWorld, type InstallWorld} from './install-world.ts'

interface Workload {
  spec: {template: {spec: {containers: {image: string; args: string[]}[]; volumes: {name: string; configMap?: {name: string; items: object[]}}[]}}}
}

const trusted = (world: InstallWorld) => trustedAuthorities(world.text('provider.yaml'), 'provider.yaml')
const inUse = (world: InstallWorld) => new X509Certificate(certificateInUse(world.text('private/tls-secret.yaml'), 'x').certificate)
const isTrusted = (world: InstallWorld) => trusted(world).some((pem) => inUse(world).verify(new X509Certificate(pem).publicKey))

describe('installAdmission', () => {
  const folder = scratch()

  it('writes one object a file, all of them named by the kustomization, and the key apart from them', async () => {
    const world = installWorld(folder())
    const result = await installAdmission(world.request(), world.context)
    const {resources} = world.object('kustomization.yaml') as {resources: string[]}
    assert.deepEqual(
      resources,
      result.objects.map(({file}) => file),
    )
    assert.deepEqual(new Set(readdirSync(join(world.folder, 'out'))), new Set([...resources, 'kustomization.yaml', 'gatekeeper', 'private']))
    assert.equal(resources.at(-1), 'webhook.yaml', 'nobody is asked before all else is there')
    assert.equal(statSync(join(world.folder, 'out', 'private', 'tls-secret.yaml')).mode & 0o777, 0o600)
    assert.equal(world.text('private/.gitignore'), '*\n')
  })

  it('tells the private key to nobody, and never keeps the one of the authority', async () => {
    const world = installWorld(folder())
    const result = await installAdmission(world.request(), world.context)
    assert.doesNotMatch(JSON.stringify(result), /PRIVATE KEY/)
    const others = result.objects.map(({file}) => world.text(file)).join('\n')
    assert.doesNotMatch(others, /PRIVATE KEY/)
    assert.equal(world.text('private/tls-secret.yaml').match(/BEGIN PRIVATE KEY/g)?.length, 1)
    const {key} = certificateInUse(world.text('private/tls-secret.yaml'), 'x')
    assert.ok(key.includes('BEGIN PRIVATE KEY') && isTrusted(world))
  })

  it('names no path of this machine in what is committed', async () => {
    const world = installWorld(folder())
    const {objects} = await installAdmission(world.request(), world.context)
    for (const {file} of [...objects, {file: 'kustomization.yaml'}]) assert.ok(!world.text(file).includes(world.folder), file)
  })

  it('changes nothing where it is run again', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    const before = readdirSync(join(world.folder, 'out')).map((name) => statSync(join(world.folder, 'out', name)).mtimeMs)
    world.later(59)
    const {objects, secret} = await installAdmission(world.request(), world.context)
    assert.deepEqual([...new Set(objects.map(({state}) => state)), secret?.made], ['unchanged', false])
    assert.deepEqual(
      readdirSync(join(world.folder, 'out')).map((name) => statSync(join(world.folder, 'out', name)).mtimeMs),
      before,
    )
  })

  it('makes a new certificate in the last thirty days, and trusts the old authority as long as that is valid', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    const [first] = trusted(world)
    world.later(61)
    const {secret} = await installAdmission(world.request(), world.context)
    assert.deepEqual([secret?.made, trusted(world).length, trusted(world)[1], isTrusted(world)], [true, 2, first, true])
    world.later(30)
    await installAdmission(world.request(), world.context)
    assert.deepEqual([trusted(world).length, trusted(world).includes(first ?? ''), isTrusted(world)], [1, false, true])
  })

  it('makes one now where it is told to', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    const {secret} = await installAdmission(world.request({renew: true}), world.context)
    assert.deepEqual([secret?.made, trusted(world).length, isTrusted(world)], [true, 2, true])
  })

  it('makes one where the key is not there, or is for another namespace, and forgets no authority', async () => {
    const world = installWorld(folder(), {admission: {exempt: ['kube-system', 'gatekeeper-system', 'hipaa-ci', 'gate']}})
    await installAdmission(world.request(), world.context)
    const other = await installAdmission(world.request({namespace: 'gate'}), world.context)
    assert.deepEqual([other.secret?.made, inUse(world).checkHost('hipaa-ci.gate.svc'), trusted(world).length], [true, 'hipaa-ci.gate.svc', 2])
    chmodSync(join(world.folder, 'out', 'private', 'tls-secret.yaml'), 0o600)
    writeFileSync(join(world.folder, 'out', 'private', 'tls-secret.yaml'), 'kind: Secret\n')
    await assert.rejects(installAdmission(world.request(), world.context), {code: 'usage.input', message: /not what an earlier install wrote/})
  })

  it('prints instead of writing, where somebody else issues the certificate', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    writeFileSync(join(world.folder, 'ca.crt'), trusted(world).join(''))
    const {out: _, ...request} = world.request({authority: 'ca.crt'})
    const {text = '', objects, secret, notes} = await installAdmission(request, world.context)
    assert.deepEqual([text.split(/^---$/m).length, secret], [objects.length, undefined])
    assert.doesNotMatch(text, /kind: Secret|PRIVATE/)
    assert.match(notes.join('\n'), /the Secret hipaa-ci-tls is not among it/)
  })

  it('prints no certificate that would have no key', async () => {
    const world = installWorld(folder())
    const {out: _, ...request} = world.request()
    await assert.rejects(installAdmission(request, world.context), {code: 'usage.flag', message: /never printed/})
  })

  it('goes in two steps with cert-manager, and takes no pods before the second', async () => {
    const world = installWorld(folder())
    const first = await installAdmission(world.request({certificates: 'cert-manager'}), world.context)
    assert.deepEqual([first.step, first.objects.map(({kind}) => kind)], ['certificates', ['Namespace', 'Issuer', 'Certificate', 'Issuer', 'Certificate']])
    const other = installWorld(join(folder(), 'other'))
    await installAdmission(other.request(), other.context)
    writeFileSync(join(world.folder, 'ca.crt'), trusted(other).join(''))
    const second = await installAdmission(world.request({certificates: 'cert-manager', authority: 'ca.crt'}), world.context)
    assert.deepEqual([second.step, second.secret, trusted(world)], ['all', undefined, trusted(other)])
    assert.ok(
      second.objects.some(({kind}) => kind === 'Certificate'),
      'what made it goes on making it',
    )
  })

  it('takes no file for an authority that is none', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    writeFileSync(join(world.folder, 'leaf.crt'), inUse(world).toString())
    for (const authority of ['leaf.crt', 'hipaa-ci.yaml'])
      await assert.rejects(installAdmission(world.request({authority}), world.context), {code: 'usage.input'}, authority)
    await assert.rejects(installAdmission(world.request({gatekeeperAuthority: 'leaf.crt'}), world.context), {code: 'usage.input', message: /no authority/})
  })

  it('brings the policy and each file that it names, as another object where any of it changes', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request(), world.context)
    const policy = () => world.object('policy.yaml') as {metadata: {name: string}; immutable: boolean; data: Record<string, string>}
    const mounted = () => (world.object('stateful-set.yaml') as Workload).spec.template.spec.volumes.find(({name}) => name === 'policy')?.configMap
    assert.deepEqual([policy().immutable, Object.values(policy().data), mounted()?.name], [true, ['version: 1\n', 'synthetic\n'], policy().metadata.name])
    assert.deepEqual(
      mounted()?.items.map((item) => Object.values(item).at(-1) as string),
      ['hipaa-ci.yaml', 'keys/release.pub'],
    )
    const {name} = policy().metadata
    writeFileSync(join(world.folder, 'keys', 'release.pub'), 'another\n')
    await installAdmission(world.request(), world.context)
    assert.notEqual(policy().metadata.name, name)
    assert.equal(mounted()?.name, policy().metadata.name)
  })

  it('says how pods are left out of Gatekeeper’s general webhook, until that is done', async () => {
    const world = installWorld(folder(), {admission: {exempt: ['kube-system', 'gatekeeper-system', 'hipaa-ci', 'odd']}})
    const step = /patch validatingwebhookconfiguration gatekeeper-validating-webhook-configuration/
    const {asked, next, notes} = await installAdmission(world.request(), world.context)
    assert.deepEqual([asked, step.test(next.at(-1) ?? ''), /judged and recorded twice/.test(notes.join('\n'))], ['unknown', true, true])
    assert.match(world.text('kustomization.yaml'), /# kubectl patch .* --patch-file='?gatekeeper\/leave-out-pods\.yaml/)
    const {webhooks} = world.object('gatekeeper/leave-out-pods.yaml') as {webhooks: [{matchConditions: {expression: string}[]}]}
    const values = {additionalValidatingWebhookConfigsToRotateCerts: ['hipaa-ci-images'], validatingWebhookMatchConditions: webhooks[0].matchConditions}
    assert.deepEqual(world.object('gatekeeper/helm-values.yaml'), values)
    assert.match(webhooks[0].matchConditions[0]?.expression ?? '', /request\.namespace in \['kube-system', 'gatekeeper-system', 'hipaa-ci', 'odd'\]/)
    const general = (more: object) =>
      writeFileSync(
        join(world.folder, 'general.yaml'),
        JSON.stringify({
          kind: 'ValidatingWebhookConfiguration',
          webhooks: [{name: 'validation.gatekeeper.sh', rules: [{apiGroups: ['*'], resources: ['*']}], ...more}],
        }),
      )
    const looked = async () => installAdmission(world.request({gatekeeperWebhook: 'general.yaml'}), world.context)
    general({})
    assert.deepEqual([(await looked()).asked, step.test((await looked()).next.at(-1) ?? '')], ['twice', true])
    for (const done of [{matchConditions: webhooks[0].matchConditions}, {rules: [{apiGroups: ['apps'], resources: ['*']}]}]) {
      general(done)
      const {asked: found, next: left, notes: said} = await looked()
      assert.deepEqual([found, step.test(left.join('\n')), /twice/.test(said.join('\n'))], ['once', false, false])
    }
    writeFileSync(join(world.folder, 'general.yaml'), 'kind: ConfigMap\n')
    await assert.rejects(looked(), {code: 'usage.input', message: /is no ValidatingWebhookConfiguration/})
  })

  it('calls the provider by digest, with the cluster, the policy, the store and the log', async () => {
    const world = installWorld(folder())
    await installAdmission(world.request({roleArn: 'arn:aws:iam::111122223333:role/admission'}), world.context)
    const [container] = (world.object('stateful-set.yaml') as Workload).spec.template.spec.containers
    for (const flag of [
      '--cluster=prod-east',
      '--policy=hipaa-ci.yaml',
      '--store=s3://synthetic-evidence/prod?region=eu-central-1',
      '--wal=/var/lib/hipaa-ci/wal',
    ])
      assert.ok(container?.args.includes(flag), flag)
    assert.match(container?.image ?? '', /@sha256:c{64}$/)
    assert.match(
      readFileSync(join(world.folder, 'out', 'service-account.yaml'), 'utf8'),
      /eks\.amazonaws\.com\/role-arn: arn:aws:iam::111122223333:role\/admission/,
    )
    assert.match(world.text('network-policy.yaml'), /port: 443\n[\s\S]*port: 5000/)
  })
})
