/**
 * The built `admission serve` between the real engine and a real registry, under a policy of the test's own.
 *
 * Promise: each namespace may be an environment of its own; `change` writes the policy and what lies beside it, and is no
 * start: the server finds it by itself. Records are read from the store, where they come a moment after the answer.
 */
import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {recordsOf} from '../../src/lib/actions/evidence/records-of.ts'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import type {RecordOf} from '../../src/lib/evidence/schema.ts'
import type {TrustedKey} from '../../src/lib/ports/signatures.ts'
import {createAuthority} from '../certificates.ts'
import {eventually} from '../cluster/apply-installed.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {createWorkspace} from '../e2e/workspace.ts'
import {container, reviewValue, type ReviewInput} from '../lib/admission/reviews.ts'
import {openStore} from '../open-store.ts'
import {servedAdmission} from '../served-admission.ts'
import {PROVIDER} from './gate.ts'
import {startEngine, type Answer} from './start-engine.ts'

export const CLUSTER = 'prod-east'

export interface JudgingPolicy {
  /** Members of the policy beside `version`, `system` and `store`. */
  readonly policy: Readonly<Record<string, unknown>>
  /** They lie beside it as `pinOf` names them. */
  readonly keys: readonly TrustedKey[]
  /** Others, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
}

export interface Asked extends Answer {
  /** Of the pod. */
  readonly object: string
}

export interface JudgingGate {
  /** About a new pod. @param what the name of its only image, or more of it */
  ask(namespace: string, what: string | ReviewInput): Promise<Asked>
  /** Of one request, once they are in the store. */
  records(uid: string): Promise<readonly RecordOf<'admission'>[]>
  change(policy: JudgingPolicy): Promise<void>
  stop(): Promise<void>
}

export async function startJudgingGate(first: JudgingPolicy): Promise<JudgingGate> {
  const [servers, clients] = [createAuthority('Synthetic Provider Authority'), createAuthority('Synthetic Gatekeeper Authority')]
  const workspace = await createWorkspace()
  const folder = join(workspace.folder, 'evidence')
  const store = `folder:${folder}`
  const change = async ({policy, keys, files = {}}: JudgingPolicy) => {
    const beside = {...Object.fromEntries(keys.map(({spki, pem}) => [`keys/${spki}.pub`, pem])), ...files}
    for (const [name, content] of Object.entries(beside)) {
      await mkdir(dirname(join(workspace.folder, name)), {recursive: true})
      await writeFile(join(workspace.folder, name), content)
    }
    await workspace.write('policy.yaml', JSON.stringify({version: 1, system: 'patient-api', store, ...policy}))
  }
  await change(first)
  const pair = servers.issue(['127.0.0.1'])
  for (const [name, text] of [
    ['tls.crt', pair.cert],
    ['tls.key', pair.key],
    ['client-ca.crt', clients.cert],
  ] as const)
    await workspace.write(name, text)
  const served = await servedAdmission(workspace, {cluster: CLUSTER})
  const end = async () => {
    await served.stop()
    await workspace.remove()
  }
  try {
    await served.start()
    const engine = await startEngine({
      provider: providerManifest({name: PROVIDER, url: `${served.url}/validate`, authority: servers.cert}),
      constraints: constraints(PROVIDER),
      certificate: clients.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
    })
    let asks = 0
    return {
      change,
      async ask(namespace, what) {
        asks += 1
        const {request, metadata, ...spec} = typeof what === 'string' ? {containers: [container(what)]} : what
        const object = `object-${asks}`
        const uid = `00000000-0000-4000-8000-${String(asks).padStart(12, '0')}`
        const answer = await engine.review(reviewValue({...spec, request: {uid, namespace, ...request}, metadata: {namespace, uid: object, ...metadata}}))
        return {...answer, object}
      },
      async records(uid) {
        let found: readonly RecordOf<'admission'>[] = []
        const isThere = async () => {
          // The store is there once the first record was shipped.
          if (!existsSync(join(folder, 'records'))) return false
          const all = await Array.fromAsync(recordsOf('admission', await openStore(store)))
          found = all.filter(({data}) => data.detail.uid === uid)
          return found.length > 0
        }
        assert.ok(await eventually(isThere), `no record of ${uid}`)
        return found
      },
      async stop() {
        await engine.stop()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** Let in, and nothing else about it; so says its record. */
export async function assertLetIn(gate: JudgingGate, {uid, object, violations}: Asked): Promise<void> {
  assert.deepEqual(violations, [])
  for (const {data} of await gate.records(uid)) assert.deepEqual([data.outcome, data.detail.verdict, data.detail.object_uid], ['pass', 'verified', object])
}

/** Kept out by the constraint that denies, for this reason; so says its record. */
export async function assertKeptOut(gate: JudgingGate, {uid, object, violations}: Asked, reason: string): Promise<void> {
  assert.deepEqual(
    violations.map(({constraint, action}) => [constraint, action]),
    [['hipaa-ci-images', 'deny']],
  )
  assert.ok(violations[0]?.message.includes(reason), violations[0]?.message)
  const records = await gate.records(uid)
  assert.ok(records.some(({data}) => data.detail.reasons.includes(reason)))
  assert.ok(records.some(({data}) => data.outcome === 'fail' || data.outcome === 'error'))
  for (const {data} of records) assert.deepEqual([data.detail.mode, data.detail.object_uid], ['enforce', object])
}
