/** The order of what is to be typed; typed at a real API server in `test/cluster/bring-in.test.ts`. */
import assert from 'node:assert/strict'
import type {InstallPlan} from '../../../../src/lib/actions/admission/install-plan.ts'
import {installSteps} from '../../../../src/lib/actions/admission/install-steps.ts'

const PLAN: InstallPlan = {
  cluster: 'prod-east',
  policy: 'policy/hipaa-ci.yaml',
  namespace: 'hipaa-ci',
  certificates: 'self',
  folder: '/deploy',
  isFirst: false,
  secret: true,
  redacts: undefined,
  exempt: ['kube-system', 'hipaa-ci'],
  rollout: [],
  asked: 'unknown',
}

describe('installSteps', () => {
  for (const folder of ['/deploy', undefined])
    it(`has nothing asked before somebody answers, ${folder === undefined ? 'printed' : 'from a folder'}`, () => {
      const {next} = installSteps({...PLAN, folder})
      const order = [
        '!hipaa-ci/after',
        'rollout status statefulset/hipaa-ci ',
        '-l hipaa-ci/after=provider',
        'caBundle',
        'byPod[0].enforced',
        'deployment/hipaa-ci-canary',
      ]
      const found = order.map((what) => next.findIndex((step) => step.includes(what)))
      assert.ok(!found.includes(-1), next.join('\n'))
      assert.deepEqual(
        found,
        found.toSorted((left, right) => left - right),
      )
      const told = next.findIndex((step) => step.includes('rollout status deployment/gatekeeper-controller-manager'))
      assert.ok(next.findIndex((step) => step.includes('!hipaa-ci/after')) < told && told < next.findIndex((step) => step.includes('after=provider')))
    })

  it('says before the first step that refusals count everywhere, and how to let them warn', () => {
    const [first = '', ...others] = installSteps(PLAN).before
    assert.match(first, /every namespace but kube-system, hipaa-ci refuses what the policy does not allow: the policy has no rollout$/)
    assert.match(
      others.join('\n'),
      /hipaa-ci admission rollout NAMESPACE --mode warn --enforce-on YYYY-MM-DD --policy policy\/hipaa-ci\.yaml, then install again/,
    )
    const warned = installSteps({...PLAN, rollout: [{namespaces: ['new-team', 'lab-*'], 'enforce-on': '2027-01-15'}]}).before
    assert.match(warned.join('\n'), /it only warns in new-team, lab-\* until 2027-01-15/)
  })

  it('says how a changed policy comes', () => {
    assert.match(
      installSteps(PLAN).before.join('\n'),
      /later, a changed policy comes by the same install again and kubectl apply -k '\/deploy': .* replaced one after another/,
    )
  })

  it('looks for what somebody else has to bring, before anything needs it', () => {
    const {before, next} = installSteps({...PLAN, registrySecret: 'logins', registryCa: 'our-ca'})
    const looks = next.indexOf('kubectl -n hipaa-ci get secret/logins configmap/our-ca')
    assert.ok(looks > 0 && looks < next.findIndex((step) => step.includes('!hipaa-ci/after')))
    assert.match(before.join('\n'), /create secret generic logins --type=kubernetes\.io\/dockerconfigjson/)
    assert.match(before.join('\n'), /create configmap our-ca --from-file=ca\.crt=FILE/)
    assert.ok(!installSteps(PLAN).next.some((step) => step.startsWith('kubectl -n hipaa-ci get secret/')))
  })
})
