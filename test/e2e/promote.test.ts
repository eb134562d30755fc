/** Approved and promoted with the real Cosign between real repositories, by people and keys that are apart; and killed in the middle. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {builtTool} from '../../scripts/built-tool.ts'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {APPROVAL_TYPE, statementBytes, VSA_TYPE} from '../../src/lib/evidence/statement.ts'
import {copyImage} from '../../src/lib/images/copy-image.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {resourceUri, VERIFIER_ID} from '../../src/lib/predicates/vsa.ts'
import {run} from '../../src/lib/process.ts'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {cosignProgram} from '../cosign.ts'
import {startPassingProxy, type PassingProxy} from '../passing-proxy.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const PASSWORD = 'test only'
const NAMES = ['builder', 'promotion', 'ann', 'bob'] as const
const Verification = z.looseObject({checks: z.array(z.looseObject({name: z.string(), state: z.string(), reason: z.string().optional()}))})
const Promoted = z.looseObject({promoted: z.boolean(), changed: z.boolean(), digest: z.string(), record: z.string().optional(), verification: Verification})
const Bundle = z.looseObject({
  verificationMaterial: z.looseObject({publicKey: z.looseObject({hint: z.string()})}),
  dsseEnvelope: z.looseObject({payload: z.string()}),
})

for (const referrers of [true, false]) {
  describe(`approve and promote, on a registry ${referrers ? 'with the referrers API' : 'that knows only the fallback tag'}`, function () {
    this.timeout(300_000)
    let registry: TestRegistry
    let proxy: PassingProxy
    let workspace: Workspace
    let cosign: string
    let from: string
    let to: string
    const spki = new Map<string, string>()

    const tool = async (...args: string[]) => {
      const result = await run([cosign, ...args], {cwd: workspace.folder, env: {...process.env, COSIGN_PASSWORD: PASSWORD}, timeout: 120_000})
      assert.ok(result.kind === 'exited')
      return result
    }

    // How attachments are listed makes no difference to these, and by fallback tag each of them waits for other writers.
    const whereListed = (title: string, work: () => Promise<void>) => {
      if (referrers) it(title, work)
    }

    before(async () => {
      registry = await startRegistry({referrers})
      proxy = await startPassingProxy(registry.host)
      workspace = await createWorkspace()
      cosign = await cosignProgram()
      for (const name of NAMES) {
        const made = await tool('generate-key-pair', '--output-key-prefix', name)
        assert.equal(made.exitCode, 0, made.stderr)
        spki.set(name, readPublicKey(await readFile(join(workspace.folder, `${name}.pub`), 'utf8'))?.spki ?? assert.fail(name))
      }
      from = `${proxy.host}/team/app`
      to = `${proxy.host}/prod/app`
      await configure()
      await workspace.write(
        'identities.yaml',
        `version: 1
persons:
  - {person: ann, principals: [{issuer: git, id: ann@clinic.example}]}
  - {person: bob, principals: [{issuer: git, id: bob@clinic.example}]}
`,
      )
    })
    after(async () => {
      await proxy.stop()
      await registry.stop()
      await workspace.remove()
    })

    const pin = (name: (typeof NAMES)[number]) => `spki: "sha256:${spki.get(name) ?? ''}", file: ${name}.pub`
    const configure = async (more: {readonly notAuthor?: boolean; readonly production?: string} = {}) =>
      workspace.write(
        'hipaa-ci.yaml',
        `version: 1
system: patient-api
signing: {key: "file:builder.key"}
identities: identities.yaml
environments:
  production:
    repository: ${more.production ?? to}
    requires: {signature: {keys: [{${pin('builder')}}]}}
    approvals: {not-author: ${more.notAuthor ?? false}, by: [{person: ann, ${pin('ann')}}, {person: bob, ${pin('bob')}}]}
    promotion: {key: "file:promotion.key", ${pin('promotion')}}
`,
      )

    const cli = async (...args: string[]) => {
      const {exitCode, json, stdout, stderr} = await workspace.cli([...args, '--json'])
      return {exitCode, json, said: `${stdout}\n${stderr}`}
    }
    const promote = async (digest: string, ...more: string[]) => {
      const {exitCode, json, said} = await cli('promote', `${from}@${digest}`, '--to', 'production', ...more)
      return {exitCode, said, result: Promoted.safeParse(json).data}
    }
    /** Pushed and signed as a build does. */
    const build = async (version: string, image = serviceImage({version})) => {
      const digest = await pushImage(openRegistry(from), image)
      const {exitCode, said} = await cli('sign', `${from}@${digest}`)
      assert.equal(exitCode, 0, said)
      return digest
    }
    const approve = async (digest: string, who: string) => cli('approve', `${from}@${digest}`, '--to', 'production', '--key', `file:${who}.key`)

    /** Types of the statements in the target that the promotion key has signed. */
    const bundlesOf = async (store: ImageStore, digest: string) => {
      const found: z.infer<typeof Bundle>[] = []
      for (const {digest: referrer} of await store.referrers(digest)) {
        const [layer] = (await store.resolve(referrer)).json.layers ?? []
        if (layer !== undefined) found.push(Bundle.parse(JSON.parse(Buffer.from(await store.blob(layer)).toString())))
      }
      const hint = Buffer.from(spki.get('promotion') ?? '', 'hex').toString('base64')
      return found.filter(({verificationMaterial}) => verificationMaterial.publicKey.hint === hint)
    }
    const typeOf = ({dsseEnvelope}: z.infer<typeof Bundle>) =>
      z.looseObject({predicateType: z.string()}).parse(JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())).predicateType

    const recorded = async (stream: string) => {
      const {json} = await cli('evidence', 'ls', '--stream', stream)
      return z.looseObject({records: z.array(z.unknown())}).parse(json).records.length
    }

    it('brings what one person built and another approved into production, signed by a third key', async () => {
      const digest = await build('1.0.0', serviceIndex({version: '1.0.0'}))
      const refused = await promote(digest)
      assert.deepEqual([refused.exitCode, refused.result?.promoted], [6, false], refused.said)
      assert.equal((await approve(digest, 'builder')).exitCode, 2)
      assert.equal((await approve(digest, 'ann')).exitCode, 0)

      const {exitCode, result, said} = await promote(digest, '--tag', '1.0.0', '--tag', 'stable')
      assert.deepEqual([exitCode, result?.promoted], [0, true], said)
      const store = openRegistry(to)
      for (const tag of ['1.0.0', 'stable']) assert.equal((await store.resolve(tag)).descriptor.digest, digest)
      assert.equal((await cli('verify', `${to}@${digest}`)).exitCode, 0)

      const verified = async (key: string, repository: string) =>
        (await tool('verify', '--key', `${key}.pub`, '--insecure-ignore-tlog', '-a', `repository=${repository}`, `${to}@${digest}`)).exitCode === 0
      assert.equal(await verified('promotion', to), true)
      assert.equal(await verified('promotion', from), false)
      assert.equal(await verified('builder', to), false)
    })

    it('leaves a summary that an independent verifier accepts, for this image in this repository', async () => {
      const {digest} = (await openRegistry(to).resolve('1.0.0')).descriptor
      const vsa = (await bundlesOf(openRegistry(to), digest)).find((bundle) => typeOf(bundle) === VSA_TYPE)
      await workspace.write('vsa.json', JSON.stringify(vsa?.dsseEnvelope))
      const judged = async (repository: string, level = 'SLSA_BUILD_LEVEL_0') => {
        const about = ['--subject-digest', digest, '--resource-uri', resourceUri(repository, digest), '--verifier-id', VERIFIER_ID, '--verified-level', level]
        const argv = [builtTool('slsa-verifier'), 'verify-vsa', '--attestation-path', 'vsa.json', '--public-key-path', 'promotion.pub', ...about] as const
        const result = await run([...argv], {cwd: workspace.folder, timeout: 60_000})
        return result.kind === 'exited' ? result.exitCode : undefined
      }
      assert.equal(await judged(to), 0)
      assert.notEqual(await judged(from), 0)
      assert.notEqual(await judged(to, 'SLSA_BUILD_LEVEL_1'), 0)
    })

    it('does not take a plain copy for a promotion', async () => {
      const digest = await build('2.0.0')
      assert.equal((await approve(digest, 'ann')).exitCode, 0)
      await copyImage(openRegistry(from), openRegistry(to), digest, {referrers: true})
      assert.equal((await cli('verify', `${to}@${digest}`)).exitCode, 1)
      assert.equal((await cli('sign', `${to}@${digest}`)).exitCode, 0)
      const {exitCode, json, said} = await cli('verify', `${to}@${digest}`)
      assert.deepEqual([exitCode, Verification.safeParse(json).data?.checks.find(({name}) => name === 'signature')?.reason], [1, 'signature.wrong-key'], said)
    })

    whereListed('moves no tag unless it is told to', async () => {
      const digest = await build('3.0.0')
      await approve(digest, 'bob')
      const taken = await promote(digest, '--tag', 'stable')
      assert.equal(taken.exitCode, 1, taken.said)
      assert.match(taken.said, /promotion\.tag-taken/)
      await assert.rejects(openRegistry(to).resolve(digest), {code: 'image.not-found'})
      const moved = await promote(digest, '--tag', 'stable', '--move-tag')
      assert.equal(moved.exitCode, 0, moved.said)
      assert.equal((await openRegistry(to).resolve('stable')).descriptor.digest, digest)
    })

    whereListed('attaches what the person signed elsewhere with Cosign', async () => {
      const digest = await build('4.0.0')
      const predicate = {environment: 'production', repository: from, approvedOn: new Date().toISOString()}
      await workspace.write('approval.json', statementBytes({digests: [digest], predicateType: APPROVAL_TYPE, predicate}))
      assert.equal((await cli('approve', `${from}@${digest}`, '--to', 'production', '--bundle', 'approval.json')).exitCode, 5)
      await workspace.write('signing-config.json', '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}')
      await workspace.write('trusted-root.json', '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}')
      const offline = ['--signing-config', 'signing-config.json', '--trusted-root', 'trusted-root.json', '--yes']
      const signed = await tool('attest-blob', '--key', 'bob.key', '--statement', 'approval.json', '--bundle', 'approval.sigstore.json', ...offline)
      assert.equal(signed.exitCode, 0, signed.stderr)
      const attached = await cli('approve', `${from}@${digest}`, '--to', 'production', '--bundle', 'approval.sigstore.json')
      assert.equal(attached.exitCode, 0, attached.said)
      const {exitCode, said} = await promote(digest)
      assert.equal(exitCode, 0, said)
    })

    it('is finished by the same command after kill -9, wherever that struck, and nothing is there twice', async () => {
      const digest = await build('5.0.0')
      await approve(digest, 'ann')
      const [before, known] = [await recorded('promotion'), new Set((await openRegistry(from).referrers(digest)).map((one) => one.digest))]
      const isNew = (path: string) => !path.endsWith(digest) && !known.has(path.slice(path.lastIndexOf('/') + 1)) && /\/sha256:[0-9a-f]{64}$/.test(path)
      let statements = 0
      const strikes: Record<string, (method: string, path: string) => boolean> = {
        'at the first layer': (method, path) => method === 'POST' && path.startsWith('/v2/prod/app/blobs/uploads/'),
        'at the image itself': (method, path) => method === 'PUT' && path === `/v2/prod/app/manifests/${digest}`,
        'at the signature': (method, path) => method === 'PUT' && path.startsWith('/v2/prod/app/manifests/') && isNew(path),
        'at the summary': (method, path) => method === 'PUT' && path.startsWith('/v2/prod/app/manifests/') && isNew(path) && (statements += 1) === 2,
        'at the first tag': (method, path) => method === 'PUT' && path === '/v2/prod/app/manifests/5.0.0',
        'at the second tag': (method, path) => method === 'PUT' && path === '/v2/prod/app/manifests/five',
      }
      for (const [where, when] of Object.entries(strikes)) {
        const child = workspace.start(['promote', `${from}@${digest}`, '--to', 'production', '--tag', '5.0.0', '--tag', 'five'])
        proxy.once(when, () => child.kill('SIGKILL'))
        const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
        assert.deepEqual([code, signal], [null, 'SIGKILL'], where)
      }
      const {exitCode, result, said} = await promote(digest, '--tag', '5.0.0', '--tag', 'five')
      assert.deepEqual([exitCode, result?.promoted], [0, true], said)
      assert.equal((await bundlesOf(openRegistry(to), digest)).length, 2)
      assert.equal((await recorded('promotion')) - before, 1)
      for (const tag of ['5.0.0', 'five']) assert.equal((await openRegistry(to).resolve(tag)).descriptor.digest, digest)
      assert.equal((await cli('evidence', 'verify')).exitCode, 0)
      const again = await promote(digest, '--tag', '5.0.0', '--tag', 'five')
      assert.deepEqual([again.exitCode, again.result?.changed, (await recorded('promotion')) - before], [0, false, 1], again.said)
    })

    whereListed('lets nobody approve what they wrote', async () => {
      await configure({notAuthor: true})
      const git = async (...args: string[]) =>
        run(['git', '-c', 'user.name=Ann', '-c', 'user.email=ann@clinic.example', ...args], {cwd: workspace.folder, timeout: 20_000})
      await git('init', '--quiet')
      await git('add', 'identities.yaml')
      await git('commit', '--quiet', '-m', 'who is who')
      const digest = await build('6.0.0')
      await approve(digest, 'ann')
      const reason = ({result}: Awaited<ReturnType<typeof promote>>) => result?.verification.checks.find(({name}) => name === 'approvals')?.reason
      assert.equal(reason(await promote(digest)), 'approval.no-author')
      const attested = await cli('attest', `${from}@${digest}`, '--type', 'provenance')
      assert.equal(attested.exitCode, 0, attested.said)
      const own = await promote(digest)
      assert.deepEqual([own.exitCode, reason(own)], [1, 'approval.by-author'], own.said)
      await approve(digest, 'bob')
      const {exitCode, said} = await promote(digest)
      assert.equal(exitCode, 0, said)
    })
  })
}
