/**
 * What the built `admission install` writes, applied to a real cluster as a person applies it.
 *
 * Promise: only what leads to other machines is changed: where the webhook finds Gatekeeper, and where Gatekeeper finds the
 * provider, with their authorities. Gatekeeper refuses when this is done; `patient-api` is a namespace whose engineers have
 * the roles as the command says to give them.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {parse} from 'yaml'
import type {Workspace} from '../e2e/workspace.ts'
import type {Person} from './pki.ts'
import type {TestCluster} from './start-cluster.ts'

export const NAMESPACE = 'patient-api'
export const ENGINEER: Person = {name: 'erin', groups: ['engineers']}

export interface Installation {
  /** As the policy's environments match it. */
  readonly name: string
  /** Path of the policy, in the workspace. */
  readonly policy: string
  /** Besides. */
  readonly flags?: readonly string[]
  readonly provider: {readonly url: string; readonly authority: string}
  /** Refused in `patient-api`, with this sentence, as soon as everything is in place. */
  readonly refused: {readonly image: string; readonly says: string}
}

export interface Installed {
  /** With the files that install wrote; also those that were changed. */
  readonly folder: string
  /** Names of the files, `webhook.yaml`. */
  readonly files: readonly string[]
  /** What install says is to be typed. */
  readonly next: readonly string[]
}

/** Starts Gatekeeper, too. */
export async function applyInstalled(cluster: TestCluster, workspace: Workspace, {refused, provider, ...wanted}: Installation): Promise<Installed> {
  const {files, next} = await install(workspace, wanted)
  const folder = join(workspace.folder, 'out')
  redirect(folder, cluster, provider)
  await cluster.gatekeeper.start()
  await apply(folder, cluster)
  const isRefused = async () => {
    const {stderr} = await cluster.kubectl(ENGINEER, ['create', '--dry-run=server', '-f', '-'], podText('probe', refused.image))
    return stderr.includes(refused.says)
  }
  if (!(await eventually(isRefused))) throw new Error('what must be refused is admitted, or for another reason')
  return {folder, files, next}
}

async function install({cli}: Workspace, {name, policy, flags = []}: Pick<Installation, 'name' | 'policy' | 'flags'>): Promise<Omit<Installed, 'folder'>> {
  const own = [`--cluster=${name}`, `--policy=${policy}`, `--image=registry.test/hipaa-ci@sha256:${'c'.repeat(64)}`, '--out=out', '--json']
  const {exitCode, json, stderr} = await cli(['admission', 'install', ...own, ...flags])
  if (exitCode !== 0) throw new Error(`admission install: ${stderr}`)
  const {objects, next} = json as {objects: {file: string}[]; next: string[]}
  return {files: objects.map(({file}) => file), next}
}

interface WebhookFile {
  webhooks: {clientConfig: {url?: string; caBundle?: string; service?: {path: string}}}[]
}
interface ProviderFile {
  spec: {url: string; caBundle: string}
}

function redirect(folder: string, {keys, gatekeeper}: TestCluster, to: Installation['provider']): void {
  const webhook = read(folder, 'webhook.yaml') as WebhookFile
  for (const entry of webhook.webhooks)
    entry.clientConfig = {url: `${gatekeeper.url}${entry.clientConfig.service?.path ?? ''}`, caBundle: base64(keys.gatekeeperAuthority)}
  const provider = read(folder, 'provider.yaml') as ProviderFile
  Object.assign(provider.spec, {url: to.url, caBundle: base64(to.authority)})
  writeFileSync(join(folder, 'webhook.yaml'), JSON.stringify(webhook))
  writeFileSync(join(folder, 'provider.yaml'), JSON.stringify(provider))
}

/** In the order that install says. */
async function apply(folder: string, {must}: TestCluster): Promise<void> {
  const definition = 'crd/hipaaciimages.constraints.gatekeeper.sh'
  await must(['apply', '-f', join(folder, 'namespace.yaml'), '-f', join(folder, 'private', 'tls-secret.yaml'), '-f', join(folder, 'constraint-template.yaml')])
  await must(['wait', '--for=create', definition, '--timeout=60s'])
  await must(['wait', '--for=condition=Established', definition, '--timeout=60s'])
  await must(['apply', '-k', folder, '-l', '!hipaa-ci/after'])
  await must(['apply', '-k', folder, '-l', 'hipaa-ci/after=provider'])
  await must(['apply', '-k', folder])
  await must(['create', 'namespace', NAMESPACE])
  await must(['create', 'clusterrolebinding', 'engineers-look', '--clusterrole=hipaa-ci-engineer-look', '--group=engineers'])
  await must(['create', 'rolebinding', 'engineers', '--clusterrole=hipaa-ci-engineer', '--group=engineers', '-n', NAMESPACE])
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
