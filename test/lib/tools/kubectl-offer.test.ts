/** What kubectl says of a pod that was offered, and what it says of itself. */
import assert from 'node:assert/strict'
import {offerByKubectl} from '../../../src/lib/actions/admission/offer-by-kubectl.ts'
import {AppError} from '../../../src/lib/errors.ts'
import type {RunTool} from '../../../src/lib/ports/tools.ts'
import {offerPod} from '../../../src/lib/tools/kubectl-offer.ts'

const POD = {kind: 'Pod', metadata: {name: 'x'}}
const input = {namespace: 'patient-api', pod: POD, variables: {}}

describe('tools/kubectl-offer', () => {
  const said = (exitCode: number, stdout: string, stderr = '') => offerPod.parse({exitCode, stdout, stderr, files: new Map()}, input)

  it('offers the pod from a file, in a dry run of the server, and keeps nothing', () => {
    const argv = offerPod.argv(input, '/s')
    for (const part of ['create', '--dry-run=server', '--namespace=patient-api', '--filename=/s/pod.json']) assert.ok(argv.includes(part), part)
    assert.deepEqual(JSON.parse(Buffer.from(offerPod.inputs?.(input).get('pod.json') ?? []).toString()), POD)
  })

  it('reads what kubectl says of the API server', () => {
    assert.deepEqual(said(0, JSON.stringify(POD)), {kind: 'admitted', warnings: ''})
    const warned = said(0, JSON.stringify(POD), 'I1126 x\nWarning: [hipaa-ci-images-warn] it will be\n')
    assert.deepEqual(warned, {kind: 'admitted', warnings: 'Warning: [hipaa-ci-images-warn] it will be'})
    const denied = 'admission webhook "v" denied the request: [hipaa-ci-images] no'
    assert.deepEqual(said(1, '', `Error from server (Forbidden): ${denied}\n`), {kind: 'refused', status: 403, message: denied})
    assert.deepEqual(said(1, '', 'Error from server: x\n'), {kind: 'refused', status: 0, message: 'x'})
  })

  it('takes no trouble of kubectl for an answer', () => {
    assert.equal(said(1, '', 'The connection to the server 127.0.0.1 was refused').kind, 'unreachable')
    assert.equal(said(0, 'pod/x created').kind, 'unreachable')
  })

  it('says in one sentence what kubectl says in many, and what to do', () => {
    const line = 'E1126 12:00:00.000000    4242 memcache.go:265] "Unhandled Error" err="couldn\'t get current server API group list: Get'
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        `${line} \\"http://localhost:8080/api\\": connect: connection refused"\nThe connection to the server localhost:8080 was refused`,
        /set to no cluster: set KUBECONFIG/,
      ],
      [
        `${line} \\"https://10.0.0.1:6443/api\\": dial tcp: i/o timeout"\nUnable to connect to the server: dial tcp: i/o timeout`,
        /does not answer: try kubectl cluster-info/,
      ],
      ['error: context "x" does not exist', /does not know the cluster/],
      ['error: You must be logged in to the server (Unauthorized)', /does not know this user: log in/],
      [`${line} something\nerror: something new`, /^error: something new$/],
    ]
    for (const [stderr, message] of cases) {
      const offer = said(1, '', stderr)
      assert.ok(offer.kind === 'unreachable' && message.test(offer.message) && !offer.message.includes('memcache'), JSON.stringify(offer))
    }
  })
})

describe('offerByKubectl', () => {
  const context = (runTool: RunTool) => ({runTool, cwd: '/somewhere', variable: (name: string) => (name === 'KUBECONFIG' ? 'own/config' : undefined)})

  it('passes on what kubectl goes by, from where it was typed', async () => {
    let given: unknown
    const runTool = (async (_spec, asked) => {
      given = asked
      return {value: {kind: 'admitted', warnings: ''}, tool: {}}
    }) as RunTool
    assert.equal((await offerByKubectl(context(runTool))('patient-api', POD)).kind, 'admitted')
    assert.deepEqual(given, {namespace: 'patient-api', pod: POD, variables: {KUBECONFIG: '/somewhere/own/config'}})
  })

  it('takes a kubectl that is missing, crashes or hangs for no answer of a cluster', async () => {
    for (const code of ['tool.missing', 'tool.failed', 'tool.timeout'] as const) {
      const offer = await offerByKubectl(
        context(async () => {
          throw new AppError(code, 'synthetic')
        }),
      )('patient-api', POD)
      assert.deepEqual(offer, {kind: 'unreachable', message: 'this runs in no cluster, and kubectl asked none: synthetic'})
    }
  })
})
