/** A configuration over the platform's policy. What counts as weaker is in `policy/floor/weaknesses.test.ts`. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import type {ConfigRequest} from '../../../src/lib/config/load.ts'
import type {NamedPolicy} from '../../../src/lib/ports/documents.ts'
import {configFolder, MINIMAL} from './config-folder.ts'

const A = `sha256:${'a'.repeat(64)}`
const FLOOR = `${MINIMAL}floor: {file: platform/policy.yaml, sha256: "${'f'.repeat(64)}"}\n`
const POLICY = `version: 1
environments:
  production:
    requires: {signature: {keys: [{spki: "${A}", file: keys/a.pub}]}, scan: {max-age: 7d}}
    approvals: {by: [{person: jo, spki: "${A}", file: jo.pub}, {person: al, issuer: "https://id.example", identity: al}]}
    promotion: {key: "file:promotion.key", spki: "${A}", file: promotion.pub}
gate: {vulnerabilities: {medium: 5}}
revocations: {from: list.json, key: {spki: "${A}", file: list.pub}}
trusted-root: root.json@${A}
identities: persons.yaml@${A}
`

describe('loadConfig, under a floor', () => {
  const folder = configFolder()
  const asked: NamedPolicy[] = []
  const answering = (text: string): Partial<ConfigRequest> => ({
    readPolicy: async (named) => {
      asked.push(named)
      return Buffer.from(text)
    },
  })
  beforeEach(() => asked.splice(0))

  it('takes what it does not name from the platform, with every path from where that lies', async () => {
    const config = await folder.load(FLOOR, answering(POLICY))
    const there = (name: string) => join(folder.path, 'platform', name)
    assert.deepEqual(asked, [{asked: '`floor`', file: there('policy.yaml'), sha256: 'f'.repeat(64)}])
    const {production} = config.environments
    assert.equal(production?.requires?.signature?.keys?.[0]?.file, there('keys/a.pub'))
    assert.deepEqual(production?.promotion, {key: `file:${there('promotion.key')}`, spki: A, file: there('promotion.pub')})
    assert.deepEqual([config.revocations?.from, config.revocations?.key.file], [there('list.json'), there('list.pub')])
    assert.deepEqual([config['trusted-root'], config.identities], [there(`root.json@${A}`), there(`persons.yaml@${A}`)])
    assert.equal(config.gate.vulnerabilities.medium, 5)
    assert.deepEqual(config.platform, config.environments)
  })

  it('may be tighter in a part, and leaves the rest as it is', async () => {
    const own = `${FLOOR}environments: {production: {requires: {scan: {max-age: 1d}}, approvals: {minimum: 2}}}\ngate: {vulnerabilities: {low: 9}}\n`
    const {environments, gate, platform} = await folder.load(own, answering(POLICY))
    const {production} = environments
    assert.deepEqual(production?.requires?.scan, {'max-age': 86_400_000})
    assert.deepEqual([production?.approvals?.minimum, production?.approvals?.by.length, production?.requires?.signature?.keys?.length], [2, 2, 1])
    assert.deepEqual([gate.vulnerabilities.medium, gate.vulnerabilities.low], [5, 9])
    assert.equal(platform?.['production']?.requires?.scan?.['max-age'], 7 * 86_400_000)
  })

  it('is refused where it is weaker, with every place: a line, or a variable', async () => {
    const own = `${FLOOR}environments:\n  production: {requires: {scan: {max-age: 14d}}}\n  lax: {}\n`
    const error = await folder.refusal(own, {...answering(POLICY), env: {HIPAA_CI_GATE_SECRETS: '3'}})
    assert.equal(error.code, 'policy.weaker')
    assert.deepEqual(error.message.split('\n').slice(1), [
      '  hipaa-ci.yaml:6:3: environments.lax: an environment that the platform does not have; it has production',
      '  hipaa-ci.yaml:5:43: environments.production.requires.scan.max-age: 14d; the platform allows at most 7d',
      '  HIPAA_CI_GATE_SECRETS: gate.secrets: 3; the platform allows at most 0',
    ])
  })

  it('may name a file of its own by its own path', async () => {
    const own = `${FLOOR}environments: {production: {requires: {signature: {keys: [{spki: "${A}", file: mine/a.pub, until: 2026-01-01}]}}}}\n`
    const {environments} = await folder.load(own, answering(POLICY))
    assert.equal(environments['production']?.requires?.signature?.keys?.[0]?.file, join(folder.path, 'mine/a.pub'))
  })

  it('is the platform’s alone where there is no file, by --policy, which stands in for `floor`', async () => {
    const policy = {asked: '--policy', file: '/platform/policy.yaml'}
    const config = await folder.load(undefined, {...answering(POLICY), policy, system: 'optional'})
    assert.equal(config.environments['production']?.promotion?.file, '/platform/promotion.pub')
    await folder.load(FLOOR, {...answering('version: 1\n'), policy})
    assert.deepEqual(asked, [policy, policy])
  })

  it('resolves what a policy from an address names from the folder of the configuration', async () => {
    const policy = {asked: '--policy', file: 'https://policy.example/p.yaml', sha256: 'f'.repeat(64)}
    const config = await folder.load(MINIMAL, {...answering(POLICY), policy})
    assert.equal(config.identities, join(folder.path, `persons.yaml@${A}`))
  })

  it('leaves out what the platform governs where nobody can ask for its policy', async () => {
    const {environments, images, revocations, gate} = await folder.load(`${FLOOR}environments: {production: {approvals: {minimum: 2}}}\ngate: {secrets: 9}\n`)
    assert.deepEqual([environments, images, revocations, gate.secrets], [{}, [], undefined, 0])
  })

  it('names the faults of the policy with its lines, and says what is no policy at all', async () => {
    const code = async (text: string | Uint8Array) => {
      const {code: found, message} = await folder.refusal(FLOOR, {readPolicy: async () => Buffer.from(text)})
      return [found, message.replaceAll(join(folder.path, 'platform/'), '')]
    }
    assert.deepEqual(await code('version: 1\nimage: []\n'), ['policy.invalid', 'policy.yaml:2:1: image: unknown key; did you mean images?'])
    assert.deepEqual(await code('version: 1\nstore: folder:x\n'), [
      'policy.invalid',
      'policy.yaml:2:1: store: unknown key; known here: version, environments, images, admission, gate, revocations, trusted-root, identities',
    ])
    assert.deepEqual((await code('version: 1\nidentities: persons.yaml\n'))[0], 'policy.invalid')
    assert.deepEqual((await code('version: 2\n'))[0], 'policy.invalid')
    assert.deepEqual((await code(''))[0], 'policy.invalid')
    assert.deepEqual((await code('version: [\n'))[0], 'policy.unreadable')
    assert.deepEqual((await code(Uint8Array.of(0xff)))[0], 'policy.unreadable')
  })

  it('refuses a floor that nothing pins, and addresses that are not safe', async () => {
    for (const floor of [
      '{file: p.yaml}',
      '{file: "http://policy.example/p.yaml", sha256: "' + 'f'.repeat(64) + '"}',
      '{file: "https://me:word@policy.example/p", sha256: "' + 'f'.repeat(64) + '"}',
    ])
      // oxlint-disable-next-line no-await-in-loop -- one folder
      assert.equal((await folder.refusal(`${MINIMAL}floor: ${floor}\n`, answering(POLICY))).code, 'config.invalid', floor)
    assert.deepEqual(asked, [])
  })
})
