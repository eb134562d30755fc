/** The manifests as a cluster takes them; what the rule in them does is tested in `test/gatekeeper`. */
import assert from 'node:assert/strict'
import {CONSTRAINT_KIND, constraintTemplate} from '../../../../src/lib/admission/manifests/constraint-template.ts'
import {constraints} from '../../../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../../../src/lib/admission/manifests/provider.ts'

describe('the manifests of the constraint', () => {
  it('name the template by its kind, as Gatekeeper demands', () => {
    const {metadata, spec} = constraintTemplate()
    assert.equal(metadata.name, spec.crd.spec.names.kind.toLowerCase())
    assert.ok(constraints('p').every(({kind}) => kind === CONSTRAINT_KIND))
  })

  it('deny and warn about pods, and only warn about what makes them', () => {
    const seen = constraints('p').map(({spec: {enforcementAction, match, parameters}}) => [
      enforcementAction,
      parameters.on,
      match.kinds.flatMap(({apiGroups, kinds}) => kinds.map((kind) => `${apiGroups.join()}/${kind}`)).join(' '),
    ])
    assert.deepEqual(seen, [
      ['deny', 'deny', '/Pod'],
      ['warn', 'warn', '/Pod'],
      ['warn', 'advice', 'apps/Deployment apps/StatefulSet apps/DaemonSet apps/ReplicaSet batch/Job batch/CronJob'],
    ])
  })

  it('have names of their own, and one provider', () => {
    assert.equal(new Set(constraints('p').map(({metadata}) => metadata.name)).size, 3)
    assert.deepEqual([...new Set(constraints('p').map(({spec}) => spec.parameters.provider))], ['p'])
  })

  it('give the provider eight seconds, and its authority as base64 of PEM', () => {
    const {spec} = providerManifest({name: 'p', url: 'https://p.hipaa-ci.svc:8443/v1/judge', authority: '-----BEGIN CERTIFICATE-----\n'})
    assert.deepEqual(spec, {url: 'https://p.hipaa-ci.svc:8443/v1/judge', timeout: 8, caBundle: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=='})
  })
})
