/**
 * A real cluster that the built `admission install` and `admission serve` keep closed, over a real registry and store.
 *
 * Promise: `signed` and `unsigned` are images of one repository, one of them signed by the key that the policy names. What
 * the policy says beside that is the test's. Servers lie behind one port, as behind a Service; each has a log of its own,
 * and can be stopped, killed, frozen and started again at its place. Whatever comes of it, `stop` ends every process.
 */
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {recordsOf} from '../../src/lib/actions/evidence/records-of.ts'
import type {RecordOf} from '../../src/lib/evidence/schema.ts'
import type {Stream} from '../../src/lib/evidence/streams.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createAuthority} from '../certificates.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {openStore} from '../open-store.ts'
import {startRegistry} from '../registry.ts'
import {servedAdmission, type ServedAdmission} from '../served-admission.ts'
import {applyInstalled, type Installed} from './apply-installed.ts'
import {startServicePort} from './service-port.ts'
import {startCluster, type TestCluster} from './start-cluster.ts'

export interface ServingOptions {
  /** As its records name it, `arn:aws:eks:REGION:ACCOUNT:cluster/NAME` too. Default `prod-east`. */
  readonly name?: string
  /** Members of the policy, beside or in place of `version`, `system`, `environments`. */
  readonly policy?: (known: PolicyParts) => object | Promise<object>
  /** How many servers; default 1. Replicas are `provider-0`, … */
  readonly providers?: number
  /** Besides, for each of them. */
  readonly flags?: readonly string[]
  /** Address of the store; default a folder of the workspace. */
  readonly store?: string
  /** Variables of everything that is run: those that a bucket asks for. */
  readonly env?: Readonly<Record<string, string>>
}

export interface PolicyParts {
  readonly workspace: Workspace
  /** `HOST:PORT/prod/patient-api` */
  readonly repository: string
  /** What `requires.signature.keys` holds. */
  readonly pin: {readonly spki: string; readonly file: string}
  /** The environment that every namespace of the cluster is of, unless the test says otherwise. */
  readonly production: object
}

export interface ServingCluster extends TestCluster, Installed {
  readonly name: string
  readonly workspace: Workspace
  readonly repository: string
  readonly signed: string
  readonly unsigned: string
  readonly providers: readonly ServedAdmission[]
  /** Pushes another image of the repository. @returns `HOST/REPO@sha256:…` */
  push(version: string): Promise<string>
  /** What lies in the store, oldest first. Records are shipped there a moment after the answer. */
  records<S extends Stream>(stream: S): Promise<readonly RecordOf<S>[]>
}

const POLICY = 'policy.yaml'

export async function startServingCluster(options: ServingOptions = {}): Promise<ServingCluster> {
  const {name = 'prod-east', providers: count = 1, env = {}} = options
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    const faults: unknown[] = []
    // What does not end keeps nothing else from being ended.
    for (const end of stops.splice(0).toReversed()) await end().catch((error: unknown) => faults.push(error))
    if (faults.length > 0) throw faults[0]
  }
  const stopping = <T extends {stop(): Promise<unknown>}>(one: T): T => {
    stops.push(async () => one.stop())
    return one
  }
  try {
    const workspace = await createWorkspace(env)
    stops.push(async () => workspace.remove())
    const registry = stopping(await startRegistry())
    const cluster = stopping(await startCluster())
    const store = options.store ?? `folder:${join(workspace.folder, 'evidence')}`
    const repository = `${registry.host}/prod/patient-api`
    const push = async (version: string) => `${repository}@${await pushImage(openRegistry(repository), serviceImage({version}))}`
    await writePolicy(workspace, {name, repository, store}, options)
    const [signed, unsigned] = [await push('1.0.0'), await push('2.0.0')]
    await cli(workspace, ['sign', signed])

    const authority = createAuthority('Synthetic Provider Authority')
    const pair = authority.issue(['127.0.0.1'])
    for (const [file, text] of [
      ['tls.crt', pair.cert],
      ['tls.key', pair.key],
      ['client-ca.crt', cluster.keys.gatekeeperAuthority],
    ] as const)
      await workspace.write(file, text)
    const providers: ServedAdmission[] = []
    for (let at = 0; at < count; at += 1) {
      const served = stopping(
        await servedAdmission(workspace, {
          cluster: name,
          replica: `provider-${at}`,
          policy: POLICY,
          ...(options.flags !== undefined && {flags: options.flags}),
        }),
      )
      await served.start()
      providers.push(served)
    }
    const service = stopping(await startServicePort(providers.map(({url}) => Number(new URL(url).port))))
    const installed = await applyInstalled(cluster, workspace, {
      name,
      policy: POLICY,
      // A pod has no such folder, and install says so.
      flags: options.store === undefined ? ['--store=s3://synthetic-evidence/test?region=eu-central-1'] : [],
      provider: {url: `https://127.0.0.1:${service.port}/validate`, authority: authority.cert},
      refused: {image: unsigned, says: 'signature.missing'},
    })
    const records = async <S extends Stream>(stream: S) => Array.fromAsync(recordsOf(stream, await openStore(store)))
    return {...cluster, ...installed, name, workspace, repository, signed, unsigned, providers, push, records, stop}
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

/** With the key of its own, that `sign` in the workspace signs by. */
async function writePolicy(
  workspace: Workspace,
  {name, repository, store}: {name: string; repository: string; store: string},
  options: ServingOptions,
): Promise<void> {
  await cli(workspace, ['init', '--system', 'patient-api', '--generate-key'])
  const spki = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''
  const pin = {spki: `sha256:${spki}`, file: 'cosign.pub'}
  const production = {repository, match: {clusters: [name], namespaces: ['*']}, requires: {signature: {keys: [pin]}}}
  const more = await options.policy?.({workspace, repository, pin, production})
  await workspace.write(POLICY, JSON.stringify({version: 1, system: 'patient-api', store, environments: {production}, ...more}))
}

async function cli(workspace: Workspace, args: readonly string[]): Promise<void> {
  const {exitCode, stderr} = await workspace.cli(args)
  if (exitCode !== 0) throw new Error(`hipaa-ci ${args.join(' ')}: ${stderr}`)
}
