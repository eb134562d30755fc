/**
 * The built `admission serve` between Gatekeeper's own engine, a registry and a store, each at the end of a line that a test
 * may cut, stop or slow down.
 *
 * Promise: what is in the store is read there, with digests
 * checked, and found by the uid of the request.
 */
import {join} from 'node:path'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {createAuthority} from '../certificates.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {startRegistry} from '../registry.ts'
import {servedAdmission, type ServedAdmission} from '../served-admission.ts'
import {storedAdmissions, type AdmissionRecord, type StoredAdmissions} from '../stored-admissions.ts'
import {startWire, type Wire} from '../wire.ts'
import {PROVIDER} from './gate.ts'
import {pushImages} from './pushed-images.ts'
import {startEngine, type Engine} from './start-engine.ts'

export const CLUSTER = 'prod-east'

export interface TroubleWorld {
  readonly workspace: Workspace
  /** The line to the registry. */
  readonly registry: Wire
  /** Signed images, each another one. */
  readonly signed: readonly string[]
  readonly unsigned: string
  /** Listens; stopped with the world. Its log is `wal-REPLICA`. */
  serve(replica: string, flags?: readonly string[]): Promise<ServedAdmission>
  /** The same, not started yet. */
  served(replica: string, flags?: readonly string[]): Promise<ServedAdmission>
  /** Gatekeeper that asks this provider; stopped with the world. */
  engine(provider: ServedAdmission, options?: EngineChange): Promise<Engine>
  /** Gatekeeper that trusts another authority, or shows a certificate of another. */
  readonly other: ReturnType<typeof createAuthority>
  ask(engine: Engine, images: readonly string[]): Promise<Asked>
  /** As soon as each of these requests has one. */
  recordsOf(uids: readonly string[], store?: string): Promise<ReadonlyMap<string, readonly AdmissionRecord[]>>
  stop(): Promise<void>
}

export interface EngineChange {
  /** Seconds that Gatekeeper waits. */
  readonly timeout?: number
  readonly trusts?: ReturnType<typeof createAuthority>
  readonly shows?: ReturnType<typeof createAuthority>
}

export interface Asked {
  readonly uid: string
  readonly allowed: boolean
  /** What kubectl would show. */
  readonly message: string
}

const VERSIONS = Array.from({length: 8}, (_, at) => `1.0.${at}`)

export async function troubleWorld(env: Readonly<Record<string, string>> = {}): Promise<TroubleWorld> {
  const [servers, clients, other] = ['Synthetic Provider Authority', 'Synthetic Gatekeeper Authority', 'Synthetic Other Authority'].map(createAuthority)
  if (servers === undefined || clients === undefined || other === undefined) throw new Error('no authorities')
  const signer = createSigner()
  const registry = await startRegistry()
  const line = await startWire(registry.host)
  const workspace = await createWorkspace(env)
  const repository = `${line.host}/prod/patient-api`
  const key = `{spki: "sha256:${signer.spki}", file: release.pub}`
  const environment = `{repository: ${repository}, match: {clusters: [${CLUSTER}], namespaces: ["*"]}, requires: {signature: {keys: [${key}]}}}`
  await workspace.write('policy.yaml', `version: 1\nsystem: patient-api\nenvironments:\n  production: ${environment}\n`)
  await workspace.write('release.pub', signer.pem)
  const pair = servers.issue(['127.0.0.1'])
  await workspace.write('tls.crt', pair.cert)
  await workspace.write('tls.key', pair.key)
  await workspace.write('client-ca.crt', clients.cert)
  const signed = await pushImages(repository, VERSIONS, signer)
  const [unsigned = ''] = await pushImages(repository, ['2.0.0'])
  const providers: ServedAdmission[] = []
  const engines: Engine[] = []
  const stores = new Map<string, StoredAdmissions>()
  let uids = 0

  const served = async (replica: string, flags: readonly string[] = []) => {
    const provider = await servedAdmission(workspace, {cluster: CLUSTER, replica, flags})
    providers.push(provider)
    return provider
  }
  return {
    workspace,
    registry: line,
    signed,
    unsigned,
    other,
    served,
    async serve(replica, flags) {
      const provider = await served(replica, flags)
      await provider.start()
      return provider
    },
    async engine({url}, {timeout, trusts = servers, shows = clients} = {}) {
      const engine = await startEngine({
        provider: providerManifest({name: PROVIDER, url: `${url}/validate`, authority: trusts.cert, ...(timeout !== undefined && {timeout})}),
        constraints: constraints(PROVIDER),
        certificate: shows.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
      })
      engines.push(engine)
      return engine
    },
    async ask(engine, images) {
      uids += 1
      const uid = `00000000-0000-4000-8000-${String(uids).padStart(12, '0')}`
      const containers = images.map((image, at) => ({...(container(image) as object), name: `c${at}`}))
      const {violations} = await engine.review(reviewValue({containers, request: {uid}, metadata: {uid: `object-${uids}`}}))
      return {uid, allowed: violations.length === 0, message: violations.map(({message}) => message).join('\n')}
    },
    async recordsOf(wanted, address = join(workspace.folder, '.hipaa-ci', 'evidence')) {
      const stored = stores.get(address) ?? (await storedAdmissions(address))
      stores.set(address, stored)
      return stored.until(wanted)
    },
    async stop() {
      for (const engine of engines) await engine.stop()
      for (const provider of providers) await provider.stop('SIGKILL')
      await line.stop()
      await registry.stop()
      await workspace.remove()
    },
  }
}
