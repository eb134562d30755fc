import assert from 'node:assert/strict'
import {AppError} from '../../../src/lib/errors.ts'
import {listPods} from '../../../src/lib/tools/kubectl.ts'
import {judgeVersion, readVersion, TOOL_PINS} from '../../../src/lib/tools/versions.ts'

const said = (exitCode: number, stdout: string, stderr = '') => ({exitCode, stdout, stderr, files: new Map<string, Uint8Array>()})
const input = {variables: {}}

describe('tools/kubectl', () => {
  it('asks for all pods, with a cache of its own', () => {
    assert.deepEqual(listPods.argv({kubeconfig: '/k', context: 'prod', variables: {}}, '/s'), [
      '--kubeconfig=/k',
      '--context=prod',
      '--cache-dir=/s/tmp/kube',
      '--request-timeout=120s',
      'get',
      'pods',
      '--all-namespaces',
      '--output=json',
    ])
  })

  it('hands on what it printed, byte for byte', () => assert.equal(Buffer.from(listPods.parse(said(0, '{"ü":1}'), input)).toString(), '{"ü":1}'))

  const failures: [string, string][] = [
    ['Error from server (Forbidden): pods is forbidden: User "x" cannot list resource "pods"', 'admission.cluster'],
    ['error: You must be logged in to the server (Unauthorized)', 'admission.cluster'],
    ['Unable to connect to the server: dial tcp: lookup secret.internal: no such host', 'admission.cluster'],
    ['error: context "nope" does not exist', 'usage.flag'],
    ['error: stat /nope: no such file or directory', 'usage.flag'],
    ['something new', 'admission.cluster'],
    ['', 'admission.cluster'],
  ]
  for (const [stderr, code] of failures)
    it(`${JSON.stringify(stderr.slice(0, 40))} is ${code}, never an empty list`, () => {
      // An empty list on stdout beside an error must not be taken for the answer.
      assert.throws(
        () => listPods.parse(said(1, '{"kind":"List","items":[]}', stderr), input),
        (error: unknown) => error instanceof AppError && error.code === code && !error.message.includes('secret.internal'),
      )
    })

  it('knows its version, also as a cloud builds it', () => {
    const {probe} = TOOL_PINS.kubectl
    assert.equal(readVersion(probe, 'Client Version: v1.36.2\nKustomize Version: v5.8.1\n'), '1.36.2')
    assert.equal(readVersion(probe, 'Client Version: v1.31.2-eks-94953ac\n'), '1.31.2')
    assert.equal(readVersion(probe, 'Client Version: v1.37.0-alpha.1\n'), '1.37.0-alpha.1')
    assert.equal(judgeVersion(TOOL_PINS.kubectl, '1.37.0-alpha.1').kind, 'outside')
    assert.equal(judgeVersion(TOOL_PINS.kubectl, '1.28.15').kind, 'outside')
    assert.equal(judgeVersion(TOOL_PINS.kubectl, '1.29.0').kind, 'allowed')
  })
})
