/** What a cluster leaves out, against what the policy exempts: bypass 6, every way. */
import assert from 'node:assert/strict'
import {parseInstallation} from '../../../src/lib/admission/installation.ts'
import {leftOut} from '../../../src/lib/admission/left-out.ts'
import {installed, type Changeable, type InstalledInput} from './installed-list.ts'

const NOW = new Date('2026-06-15T12:00:00.000Z')

function told(input: InstalledInput, exempt: readonly string[] | undefined = ['kube-system']) {
  const found = leftOut(parseInstallation([Buffer.from(installed(input))]), exempt, NOW)
  return {has: found.has, differences: found.differences.map(({reason, what, open}) => `${reason} ${what}${open ? ' open' : ''}`)}
}
/** The entry about pods. */
const entry = (change: object) => (object: Changeable) => ({
  ...object,
  webhooks: object.webhooks?.map((one, at) => (at === 0 ? {...one, ...change} : one)),
})
const match = (change: object) => (object: Changeable) => ({...object, spec: {...object.spec, match: {...object.spec?.match, ...change}}})
const config = (excludedNamespaces: readonly string[], processes: readonly string[]) => ({
  apiVersion: 'config.gatekeeper.sh/v1alpha1',
  kind: 'Config',
  metadata: {name: 'config', namespace: 'gatekeeper-system'},
  spec: {match: [{excludedNamespaces, processes}]},
})
const WEBHOOK = 'narrowed validatingwebhookconfigurations/hipaa-ci-images open'
const CONSTRAINT = 'narrowed hipaaciimages/hipaa-ci-images open'
const EXTRA = 'left-out namespaces/patient-api open'
const byName = (...values: readonly string[]) => ({matchExpressions: [{key: 'kubernetes.io/metadata.name', operator: 'NotIn', values}]})

describe('leftOut', () => {
  it('finds none where the cluster has what was installed', () => {
    const {has, differences} = told({})
    assert.deepEqual([differences, has('kube-system'), has('patient-api'), has('made-since')], [[], true, false, false])
  })

  const WAYS: Readonly<Record<string, readonly [InstalledInput, readonly string[]]>> = {
    'our webhook does not select it by name': [{webhook: entry({namespaceSelector: byName('kube-system', 'patient-api')})}, [EXTRA]],
    'our webhook wants a label that it has not': [{webhook: entry({namespaceSelector: {matchLabels: {checked: 'yes'}}})}, [EXTRA]],
    'our webhook goes by a label': [
      {webhook: entry({namespaceSelector: {matchExpressions: [{key: 'skip', operator: 'DoesNotExist'}]}}), namespaces: {'patient-api': {skip: ''}}},
      [EXTRA],
    ],
    'Gatekeeper’s Config excludes it': [{others: [config(['patient-*'], ['webhook'])]}, [EXTRA]],
    'Gatekeeper’s Config excludes it from everything': [{others: [config(['patient-api'], ['*'])]}, [EXTRA]],
    'our constraint excludes it': [{constraint: match({excludedNamespaces: ['kube-system', '*-api']})}, [EXTRA]],
    'our constraint is about others': [{constraint: match({namespaces: ['other']})}, [EXTRA]],
    'our constraint selects others': [{constraint: match({namespaceSelector: {matchLabels: {a: 'b'}}})}, [EXTRA]],
    'our webhook is gone': [{webhook: () => undefined}, [WEBHOOK, EXTRA]],
    'our constraint is gone': [{constraint: () => undefined}, [CONSTRAINT, EXTRA]],
    'our webhook looks away where it fails': [{webhook: entry({failurePolicy: 'Ignore'})}, [WEBHOOK]],
    'our webhook goes by labels of pods': [{webhook: entry({objectSelector: {matchLabels: {a: 'b'}}})}, [WEBHOOK]],
    'our webhook has a condition': [{webhook: entry({matchConditions: [{name: 'break-glass.hipaa-ci', expression: 'false'}]})}, [WEBHOOK]],
    'our webhook does not see ephemeral containers': [
      {webhook: entry({rules: [{apiGroups: [''], operations: ['CREATE', 'UPDATE'], resources: ['pods']}]})},
      [WEBHOOK],
    ],
    'our constraint only warns': [{constraint: (object) => ({...object, spec: {...object.spec, enforcementAction: 'dryrun'}})}, [CONSTRAINT]],
    'our constraint goes by labels of pods': [{constraint: match({labelSelector: {matchLabels: {a: 'b'}}})}, [CONSTRAINT]],
    'our constraint matches by something new': [{constraint: match({source: 'Generated'})}, [CONSTRAINT]],
    'it carries Gatekeeper’s ignore label': [
      {namespaces: {'patient-api': {'admission.gatekeeper.sh/ignore': 'x'}}},
      ['ignore-labelled namespaces/patient-api open'],
    ],
  }
  for (const [what, [input, expected]] of Object.entries(WAYS))
    it(`bypass 6: ${what}`, () => {
      const {has, differences} = told(input)
      // Where nothing asks any more, what is exempt is left out all the same.
      assert.deepEqual([differences, has('patient-api')], [expected, expected.includes(EXTRA)])
    })

  it('tells what is no harm, and leaves it closed', () => {
    const flags = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'gatekeeper-controller-manager', labels: {'gatekeeper.sh/system': 'yes'}},
      spec: {template: {spec: {containers: [{args: ['--port=8443', '--exempt-namespace=gatekeeper-system', '--exempt-namespace-prefix=kube-']}]}}},
    }
    assert.deepEqual(told({others: [flags]}).differences, ['may-be-labelled deployments/gatekeeper', 'may-be-labelled deployments/gatekeeper'])
    assert.deepEqual(told({others: [config(['patient-api'], ['audit', 'mutation-webhook'])]}).differences, [])
    assert.deepEqual(told({exempt: []}).differences, ['not-left-out namespaces/kube-system'])
    assert.deepEqual(told({namespaces: {'kube-system': {'admission.gatekeeper.sh/ignore': 'x'}}}).differences, ['ignore-labelled namespaces/kube-system'])
    // A Config of somebody else.
    assert.deepEqual(told({others: [{...config(['patient-api'], ['*']), apiVersion: 'example.org/v1'}]}).differences, [])
  })

  it('takes nobody’s word where no provider reported', () => {
    assert.deepEqual(
      leftOut(parseInstallation([Buffer.from(installed())]), undefined, NOW).differences.map(({reason, what}) => `${reason} ${what}`),
      ['left-out namespaces/kube-system'],
    )
  })

  it('reads a whole list or none', () => {
    for (const text of ['', '{}', '[]', '{"kind":"List","items":[]}', '{"kind":"List","items":[1]}', '{"kind":"List","metadata":{"continue":"x"},"items":[]}'])
      assert.throws(() => parseInstallation([Buffer.from(text)]), {code: 'usage.input'}, text)
    const broken = installed({webhook: entry({namespaceSelector: {matchExpressions: [{key: 'a', operator: 'Near'}]}})})
    assert.throws(() => parseInstallation([Buffer.from(broken)]), {code: 'usage.input'})
  })
})
