/** Where logins and authorities lie in the pods, as `admission serve` and Node look for them. */
import assert from 'node:assert/strict'
import {canaryWorkload} from '../../../../src/lib/admission/manifests/canary-workload.ts'
import {serverWorkload} from '../../../../src/lib/admission/manifests/server-workload.ts'
import {dockerConfigPath} from '../../../../src/lib/registry/docker-config.ts'

interface Workload {
  spec: {
    template: {
      spec: {
        imagePullSecrets?: object[]
        containers: [{env: {name: string; value: string}[]; volumeMounts: {name: string; mountPath: string; readOnly?: boolean}[]}]
        volumes: ({name: string} & Record<string, unknown>)[]
      }
    }
  }
}

const ARGS = {namespace: 'hipaa-ci', image: 'i', cluster: 'c', policy: 'p', store: 's', policyVolume: {configMap: {name: 'policy'}}}
const BOTH = {registrySecret: 'logins-of-ours', registryCa: 'ca-of-ours'}

function parts(workload: unknown) {
  const {
    imagePullSecrets,
    volumes,
    containers: [{env, volumeMounts}],
  } = (workload as Workload).spec.template.spec
  const variables = Object.fromEntries(env.map(({name, value}) => [name, value]))
  /** What lies at this path, as a volume. */
  const under = (path: string) => {
    const mount = volumeMounts.find(({mountPath}) => path.startsWith(`${mountPath}/`))
    return {file: path.slice((mount?.mountPath.length ?? 0) + 1), readOnly: mount?.readOnly, volume: volumes.find(({name}) => name === mount?.name)}
  }
  return {imagePullSecrets, volumes, variables, under}
}

describe('registries of one\u2019s own', () => {
  it('give the provider its logins where it looks for them, and the node those for its image', () => {
    const {imagePullSecrets, variables, under} = parts(serverWorkload({...ARGS, ...BOTH}))
    assert.deepEqual(imagePullSecrets, [{name: 'logins-of-ours'}])
    assert.deepEqual(under(dockerConfigPath(variables)), {
      file: 'config.json',
      readOnly: true,
      volume: {name: 'logins', secret: {secretName: 'logins-of-ours', defaultMode: 0o440, items: [{key: '.dockerconfigjson', path: 'config.json'}]}},
    })
  })

  it('have their authority trusted by both, beside the public ones', () => {
    for (const workload of [serverWorkload({...ARGS, ...BOTH}), canaryWorkload({...ARGS, ...BOTH})]) {
      const {variables, under} = parts(workload)
      assert.deepEqual(under(variables['NODE_EXTRA_CA_CERTS'] ?? ''), {
        file: 'ca.crt',
        readOnly: true,
        volume: {name: 'authorities', configMap: {name: 'ca-of-ours', items: [{key: 'ca.crt', path: 'ca.crt'}]}},
      })
    }
  })

  it('give the canary no logins: it asks no registry', () => {
    const {imagePullSecrets, variables, volumes} = parts(canaryWorkload({...ARGS, ...BOTH}))
    assert.deepEqual([imagePullSecrets, variables['DOCKER_CONFIG']], [[{name: 'logins-of-ours'}], undefined])
    assert.ok(!JSON.stringify(volumes).includes('logins-of-ours'))
  })

  it('leave nothing behind where nobody asked', () => {
    for (const workload of [serverWorkload(ARGS), canaryWorkload(ARGS)]) {
      const {imagePullSecrets, variables, volumes} = parts(workload)
      assert.deepEqual([imagePullSecrets, variables['DOCKER_CONFIG'], variables['NODE_EXTRA_CA_CERTS']], [undefined, undefined, undefined])
      assert.ok(!volumes.some(({name}) => name === 'logins' || name === 'authorities'))
    }
  })
})
