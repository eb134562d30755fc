/**
 * Provenance from a real identity token, by the built command line: issued by an enterprise server on loopback over TLS,
 * as GitHub's is, so that nothing in the program has to know of the test.
 */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import {connect, type AddressInfo} from 'node:net'
import {join} from 'node:path'
import process from 'node:process'
import {gunzipSync} from 'node:zlib'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {changeAuthors} from '../../src/lib/predicates/provenance.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {REQUEST_TOKEN, type TestIssuer} from '../identity-issuer.ts'
import {GITHUB_CLAIMS} from '../lib/identity/claims.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {startBuilder, type TestBuilder} from './builder.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const REPORT = '{"name":"unit","passed":1,"failed":0,"skipped":0}'

/** `cosign verify-attestation`, offline, with a key. */
const cosignVerify: ToolSpec<{image: string; key: string}, {exitCode: number; stdout: string}> = {
  tool: 'cosign',
  answers: [0, 1, 10, 11],
  outputs: [],
  argv: ({image, key}) => ['verify-attestation', '--type', 'https://slsa.dev/provenance/v1', '--key', key, '--insecure-ignore-tlog', image],
  parse: ({exitCode, stdout}) => ({exitCode, stdout}),
}

describe('provenance of a job that its platform vouches for', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let builder: TestBuilder
  let issuer: TestIssuer
  let workspace: Workspace
  let env: TestBuilder['env']
  let commit: string
  let spki: string
  let builds = 0

  before(async () => {
    registry = await startRegistry({referrers: true})
    workspace = await createWorkspace()
    const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])
    assert.equal(made.exitCode, 0, made.stderr)
    spki = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''
    // Without a store there would be nothing that provenance could ask for decisions.
    assert.equal((await workspace.cli(['emit', 'test', '--file', '-'], {stdin: REPORT})).exitCode, 0)
    builder = await startBuilder(workspace)
    ;({issuer, env, commit} = builder)
  })
  beforeEach(() => {
    issuer.claims = {...GITHUB_CLAIMS, sha: commit}
    issuer.answers.clear()
    issuer.seen.length = 0
  })
  after(async () => {
    await registry.stop()
    await builder.stop()
    await workspace.remove()
  })

  const push = async () => {
    const repository = `${registry.host}/clinic/api`
    builds += 1
    return `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: `1.0.${builds}`}))}`
  }
  const attest = async (image: string, more: readonly string[] = [], variables: Record<string, string> = {}) =>
    workspace.cli(['attest', image, '--type', 'provenance', '--allow-long-lived', 'key-file', ...more, '--json'], {env: {...env, ...variables}})
  const predicateOf = async (image: string): Promise<unknown> => {
    const pub = join(workspace.folder, 'cosign.pub')
    const {exitCode, stdout} = (await createRunTool({cwd: workspace.folder, env: process.env})(cosignVerify, {image, key: pub})).value
    assert.equal(exitCode, 0)
    const {payload} = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {payload: string}
    return (JSON.parse(Buffer.from(payload, 'base64').toString()) as {predicate: unknown}).predicate
  }
  const objects = async () => {
    const store = openFolderStore(join(workspace.folder, '.hipaa-ci', 'evidence'))
    const texts: string[] = []
    for await (const key of store.list('')) {
      const bytes = Buffer.from((await store.get(key)) ?? [])
      texts.push((key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'))
    }
    return texts
  }

  it('is what the token says, accepted by Cosign, and recorded with the token as its basis', async () => {
    const image = await push()
    const result = await attest(image)
    assert.equal(result.exitCode, 0, result.stderr)
    const predicate = await predicateOf(image)
    const {buildDefinition, runDetails} = predicate as {
      buildDefinition: {buildType: string; externalParameters: unknown; resolvedDependencies: unknown}
      runDetails: {builder: {id: string}; metadata: {invocationId: string}}
    }
    assert.equal(buildDefinition.buildType, 'https://actions.github.io/buildtypes/workflow/v1')
    assert.deepEqual(buildDefinition.externalParameters, {
      workflow: {ref: 'refs/heads/main', repository: `${issuer.origin}/acme/app`, path: '.github/workflows/release.yml'},
    })
    assert.deepEqual(buildDefinition.resolvedDependencies, [{uri: `git+${issuer.origin}/acme/app@refs/heads/main`, digest: {gitCommit: commit}}])
    assert.equal(runDetails.builder.id, `${issuer.origin}/${GITHUB_CLAIMS.job_workflow_ref}`)
    assert.equal(runDetails.metadata.invocationId, `${issuer.origin}/acme/app/actions/runs/${GITHUB_CLAIMS.run_id}/attempts/2`)
    const ada = {id: 'ada', issuer: issuer.origin, basis: 'token'}
    assert.deepEqual(changeAuthors(predicate), [{id: 'grace@example.com', issuer: 'git', basis: 'claimed'}, ada])

    const [record] = (result.json as {attestations: {record: string}[]}).attestations
    const shown = await workspace.cli(['evidence', 'show', record?.record ?? '', '--json'])
    const {data} = (shown.json as {record: {data: {actor: unknown; change: {commit: string}}}}).record
    assert.deepEqual(data.actor, {human: ada, workload: {...ada, id: GITHUB_CLAIMS.job_workflow_ref}})
    assert.equal(data.change.commit, commit)
  })

  it('changes nothing when it is stated twice', async () => {
    const image = await push()
    assert.equal((await attest(image)).exitCode, 0)
    const again = await attest(image)
    assert.deepEqual(
      (again.json as {attestations: {attached: boolean}[]}).attestations.map(({attached}) => attached),
      [false],
    )
  })

  it('satisfies a policy that names the builder with the key, the source and the input, and no other', async () => {
    const image = await push()
    await workspace.write('event.json', '{"inputs": {"target": "release"}}')
    issuer.claims = {...issuer.claims, event_name: 'workflow_dispatch'}
    const made = await attest(image, ['--input', 'flavour=hardened'], {GITHUB_EVENT_PATH: 'event.json'})
    assert.equal(made.exitCode, 0, made.stderr)
    const signed = await workspace.cli(['sign', image, '--allow-long-lived', 'key-file'], {env})
    assert.equal(signed.exitCode, 0, signed.stderr)
    const provenance = async (id: string, source: string, inputs: readonly string[]) => {
      const config = {
        version: 1,
        system: 'patient-api',
        environments: {
          local: {
            requires: {
              signature: {keys: [{spki: `sha256:${spki}`, file: 'cosign.pub'}]},
              provenance: {builders: [{id, key: `sha256:${spki}`, level: 3}], sources: [source], inputs},
            },
          },
        },
      }
      const file = await workspace.write('policy.yaml', JSON.stringify(config))
      const {json, stderr} = await workspace.cli(['verify', image, '--config', file, '--no-record', '--json'])
      const check = (json as {checks?: {name: string; state: string; reason?: string; level?: number}[]}).checks?.find(({name}) => name === 'provenance')
      assert.ok(check !== undefined, stderr)
      return `${check.state} ${check.reason ?? check.level}`
    }
    const id = `${issuer.origin}/${GITHUB_CLAIMS.job_workflow_ref}`
    const source = `git+${issuer.origin}/acme/*@refs/heads/main`
    assert.equal(await provenance(id, source, ['target', 'flavour']), 'verified 3')
    assert.equal(
      await provenance(`${issuer.origin}/acme/app/.github/workflows/release.yml@refs/heads/main`, source, ['target', 'flavour']),
      'failed provenance.wrong-builder',
    )
    assert.equal(await provenance(id, `git+${issuer.origin}/acme/*@refs/tags/*`, ['target', 'flavour']), 'failed provenance.wrong-source')
    assert.equal(await provenance(id, source, ['target']), 'failed provenance.parameter')
  })

  it('names the decisions of joined run files, and refuses those of another run', async () => {
    const image = await push()
    const start = async (file: string) =>
      assert.equal((await workspace.cli(['run', 'start', '--job', 'sign', '--job', 'test', '--file', file], {env})).exitCode, 0)
    await start('.hipaa-ci/one.json')
    await start('.hipaa-ci/two.json')
    const emitted = await workspace.cli(['emit', 'test', '--file', '-', '--json'], {
      env: {HIPAA_CI_RUN: '.hipaa-ci/one.test.json'},
      stdin: REPORT,
    })
    assert.equal(emitted.exitCode, 0, emitted.stderr)
    const own = {HIPAA_CI_RUN: '.hipaa-ci/one.json'}
    const made = await attest(image, ['--join', '.hipaa-ci/one.test.json'], own)
    assert.equal(made.exitCode, 0, made.stderr)
    const {runDetails} = (await predicateOf(image)) as {runDetails: {byproducts: {name: string; uri: string; annotations: unknown}[]}}
    assert.deepEqual(
      runDetails.byproducts.map(({name, annotations}) => [name, annotations]),
      [['test', {outcome: 'pass'}]],
    )
    assert.match(runDetails.byproducts[0]?.uri ?? '', /^urn:hipaa-ci:record:[0-9A-Z]{26}$/)
    const foreign = await attest(await push(), ['--join', '.hipaa-ci/two.test.json'], own)
    assert.deepEqual([foreign.exitCode, (foreign.json as {error: {code: string}}).error.code], [2, 'run.invalid'])
  })

  it('is not stated where the token cannot be had or does not hold: nothing is signed, attached or recorded', async () => {
    const image = await push()
    const [repository = '', digest = ''] = image.split('@')
    const before = (await objects()).length
    const stopped = async (code: string, exit: number) => {
      for (const args of [
        ['attest', image, '--type', 'provenance'],
        ['sign', image],
      ]) {
        const {exitCode, json} = await workspace.cli([...args, '--allow-long-lived', 'key-file', '--json'], {env})
        assert.deepEqual([exitCode, (json as {error: {code: string}}).error.code], [exit, code], args[0])
      }
    }
    issuer.answers.set('/token', (response) => void response.writeHead(403).end())
    await stopped('identity.unreachable', 4)
    issuer.answers.clear()
    issuer.claims = {...issuer.claims, aud: 'sts.amazonaws.com'}
    await stopped('identity.invalid', 5)
    issuer.claims = {...issuer.claims, aud: 'hipaa-ci', run_id: '7'}
    await stopped('identity.invalid', 5)
    assert.equal((await openRegistry(repository).referrers(digest)).length, 0)
    assert.equal((await objects()).length, before)
  })

  it('asks nobody for a token where only variables are read', async () => {
    const {exitCode, stderr} = await workspace.cli(['emit', 'test', '--file', '-'], {env, stdin: REPORT})
    assert.equal(exitCode, 0, stderr)
    assert.deepEqual(issuer.seen, [])
  })

  it('does not believe a certificate of nobody, even where the environment says to', async () => {
    const {NODE_EXTRA_CA_CERTS: _, ...untold} = env
    const image = await push()
    const {exitCode, json} = await workspace.cli(['attest', image, '--type', 'provenance', '--allow-long-lived', 'key-file', '--json'], {
      env: {...untold, NODE_TLS_REJECT_UNAUTHORIZED: '0'},
    })
    assert.deepEqual([exitCode, (json as {error: {code: string}}).error.code], [4, 'identity.unreachable'])
  })

  it('is fetched through a proxy where there is one, and the certificate is still that of the server', async () => {
    const asked: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, client) => {
      asked.push(request.url ?? '')
      const server = connect(Number(new URL(issuer.origin).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        server.pipe(client).pipe(server)
      })
      client.on('error', () => server.destroy())
      server.on('error', () => client.destroy())
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const name = issuer.name
    try {
      const through = async (host: string) => {
        issuer.name = `https://${host}/_services/token`
        return attest(await push(), [], {
          HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
          GITHUB_SERVER_URL: `https://${host}`,
          ACTIONS_ID_TOKEN_REQUEST_URL: `https://${host}/token`,
          NODE_TLS_REJECT_UNAUTHORIZED: '0',
        })
      }
      const made = await through('code.hospital.example')
      assert.equal(made.exitCode, 0, made.stderr)
      assert.deepEqual([...new Set(asked)], ['code.hospital.example:443'])
      const other = await through('code.other.example')
      assert.deepEqual([other.exitCode, (other.json as {error: {code: string}}).error.code], [4, 'identity.unreachable'])
    } finally {
      issuer.name = name
      proxy.close()
      await once(proxy, 'close')
    }
  })

  it('leaves no token in the store', async () => {
    const texts = await objects()
    assert.ok(issuer.given.length > 3 && texts.length > 3)
    for (const secret of [REQUEST_TOKEN, ...issuer.given.map((token) => token.split('.')[2] ?? REQUEST_TOKEN)])
      assert.equal(
        texts.some((text) => text.includes(secret)),
        false,
      )
  })
})
