/**
 * A real cluster into which went what the built `admission install` wrote, as a person applies it, with a provider that says
 * what a test tells it to.
 *
 * Promise: only what leads to other machines is changed: where the webhook finds Gatekeeper, and where Gatekeeper finds the
 * provider, with their authorities. Gatekeeper refuses when this is done; `patient-api` is a namespace whose engineers have
 * the roles as the command says to give them.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {parse} from 'yaml'
import {createWorkspace} from '../e2e/workspace.ts'
import type {KeyedAsk} from '../../src/lib/admission/request-key.ts'
import {createAuthority} from '../certificates.ts'
import {judged, startProvider, type Script, type ScriptedProvider} from '../fakes/scripted-provider.ts'
import type {Person} from './pki.ts'
import {startCluster, type TestCluster} from './start-cluster.ts'

export const GOOD = `registry.test/web@sha256:${'aa'.repeat(32)}`
export const BAD = `registry.test/web@sha256:${'bb'.repeat(32)}`
export const SENTENCE = 'hipaa-ci refused 1 image: spec.containers[0]: signature.missing. Run: hipaa-ci verify'
export const NAMESPACE = 'patient-api'
export const ENGINEER: Person = {name: 'erin', groups: ['engineers']}

/** Allows where each image is one of these, or one that the pod runs already. */
export function knowing(good: readonly string[]): Script {
  return judged(({mode, ask}: KeyedAsk) => {
    const allowed = ask.images.every(({image, unchanged}) => unchanged || good.includes(image))
    return {allowed, admit: allowed || mode !== 'admission', records: ['01JZZZZZZZZZZZZZZZZZZZZZZR'], message: allowed ? '' : SENTENCE}
  })
}

export interface InstalledCluster extends TestCluster {
  readonly provider: ScriptedProvider
  /** With the files that install wrote; also those that were changed. */
  readonly folder: string
  /** Names of the files, `webhook.yaml`. */
  readonly files: readonly string[]
}

export async function installOnCluster(): Promise<InstalledCluster> {
  const workspace = await createWorkspace()
  const cluster = await startCluster().catch(async (error: unknown) => {
    await workspace.remove()
    throw error
  })
  const authority = createAuthority('Synthetic Provider Authority')
  const provider = await startProvider({server: authority.issue(['127.0.0.1']), clients: cluster.keys.gatekeeperAuthority}, knowing([GOOD]))
  const stop = async () => {
    await provider.stop()
    await cluster.stop()
    await workspace.remove()
  }
  try {
    await writePolicy(workspace.folder)
    const files = await install(workspace)
    const folder = join(workspace.folder, 'out')
    redirect(folder, cluster, {url: provider.url, authority: authority.cert})
    await cluster.gatekeeper.start()
    await apply(folder, cluster)
    return {...cluster, provider, folder, files, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

/** Synthetic, as all that it names. */
async function writePolicy(folder: string): Promise<void> {
  await mkdir(join(folder, 'policy', 'keys'), {recursive: true})
  writeFileSync(join(folder, 'policy', 'keys', 'release.pub'), 'synthetic\n')
  const pin = `{spki: "sha256:${'b'.repeat(64)}", file: keys/release.pub}`
  const environment = `{repository: registry.test/web, match: {clusters: [test], namespaces: [${NAMESPACE}]}, requires: {signature: {keys: [${pin}]}}}`
  const text = `version: 1\nsystem: patient-api\nstore: s3://synthetic-evidence/test?region=eu-central-1\nenvironments:\n  production: ${environment}\n`
  writeFileSync(join(folder, 'policy', 'hipaa-ci.yaml'), text)
}

async function install({cli}: Pick<Awaited<ReturnType<typeof createWorkspace>>, 'cli'>): Promise<readonly string[]> {
  const flags = ['--cluster=test', '--policy=policy/hipaa-ci.yaml', `--image=registry.test/hipaa-ci@sha256:${'c'.repeat(64)}`, '--out=out', '--json']
  const {exitCode, json, stderr} = await cli(['admission', 'install', ...flags])
  if (exitCode !== 0) throw new Error(`admission install: ${stderr}`)
  return (json as {objects: {file: string}[]}).objects.map(({file}) => file)
}

interface WebhookFile {
  webhooks: {clientConfig: {url?: string; caBundle?: string; service?: {path: string}}}[]
}
interface ProviderFile {
  spec: {url: string; caBundle: string}
}

function redirect(folder: string, {keys, gatekeeper}: TestCluster, to: {readonly url: string; readonly authority: string}): void {
  const webhook = read(folder, 'webhook.yaml') as WebhookFile
  for (const entry of webhook.webhooks)
    entry.clientConfig = {url: `${gatekeeper.url}${entry.clientConfig.service?.path ?? ''}`, caBundle: base64(keys.gatekeeperAuthority)}
  const provider = read(folder, 'provider.yaml') as ProviderFile
  Object.assign(provider.spec, {url: to.url, caBundle: base64(to.authority)})
  writeFileSync(join(folder, 'webhook.yaml'), JSON.stringify(webhook))
  writeFileSync(join(folder, 'provider.yaml'), JSON.stringify(provider))
}

/** In the order that install says. */
async function apply(folder: string, {must, kubectl}: TestCluster): Promise<void> {
  const definition = 'crd/hipaaciimages.constraints.gatekeeper.sh'
  await must(['apply', '-f', join(folder, 'namespace.yaml'), '-f', join(folder, 'private', 'tls-secret.yaml'), '-f', join(folder, 'constraint-template.yaml')])
  await must(['wait', '--for=create', definition, '--timeout=60s'])
  await must(['wait', '--for=condition=Established', definition, '--timeout=60s'])
  await must(['apply', '-k', folder])
  await must(['create', 'namespace', NAMESPACE])
  await must(['create', 'clusterrolebinding', 'engineers-look', '--clusterrole=hipaa-ci-engineer-look', '--group=engineers'])
  await must(['create', 'rolebinding', 'engineers', '--clusterrole=hipaa-ci-engineer', '--group=engineers', '-n', NAMESPACE])
  const refused = async () => {
    const {stderr} = await kubectl(ENGINEER, ['create', '--dry-run=server', '-f', '-'], podText('probe', BAD))
    return stderr.includes(SENTENCE)
  }
  if (!(await eventually(refused))) throw new Error('what must be refused is admitted, or for another reason')
}

/** What was changed in a cluster is seen by all of it a little later. */
export async function eventually(holds: () => Promise<boolean>, tries = 150): Promise<boolean> {
  for (let at = 0; at < tries; at += 1) {
    if (await holds()) return true
    await wait(200)
  }
  return false
}

export function podText(name: string, image: string, {spec = {}, metadata = {}}: {spec?: object; metadata?: object} = {}): string {
  const containers = [{name: 'main', image}]
  return JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name, namespace: NAMESPACE, ...metadata}, spec: {containers, ...spec}})
}

function read(folder: string, name: string): unknown {
  return parse(readFileSync(join(folder, name), 'utf8'))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
