/** A real cluster into which went what the built `admission install` wrote, with a provider that says what a test tells it to. */
import {writeFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {createWorkspace} from '../e2e/workspace.ts'
import type {KeyedAsk} from '../../src/lib/admission/request-key.ts'
import {createAuthority} from '../certificates.ts'
import {judged, startProvider, type Script, type ScriptedProvider} from '../fakes/scripted-provider.ts'
import {applyInstalled, NAMESPACE, type Installed} from './apply-installed.ts'
import {startCluster, type TestCluster} from './start-cluster.ts'

export const GOOD = `registry.test/web@sha256:${'aa'.repeat(32)}`
export const BAD = `registry.test/web@sha256:${'bb'.repeat(32)}`
export const SENTENCE = 'hipaa-ci refused 1 image: spec.containers[0]: signature.missing. Run: hipaa-ci verify'

/** Allows where each image is one of these, or one that the pod runs already. */
export function knowing(good: readonly string[]): Script {
  return judged(({mode, ask}: KeyedAsk) => {
    const allowed = ask.images.every(({image, unchanged}) => unchanged || good.includes(image))
    return {allowed, admit: allowed || mode !== 'admission', records: ['01JZZZZZZZZZZZZZZZZZZZZZZR'], message: allowed ? '' : SENTENCE}
  })
}

export interface InstalledCluster extends TestCluster, Installed {
  readonly provider: ScriptedProvider
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
    const installed = await applyInstalled(cluster, workspace, {
      name: 'test',
      policy: 'policy/hipaa-ci.yaml',
      provider: {url: provider.url, authority: authority.cert},
      refused: {image: BAD, says: SENTENCE},
    })
    return {...cluster, ...installed, provider, stop}
  } catch (error) {
    await stop()
    throw error
  }
}

/** Synthetic, as all that it names. */
export async function writePolicy(folder: string): Promise<void> {
  await mkdir(join(folder, 'policy', 'keys'), {recursive: true})
  writeFileSync(join(folder, 'policy', 'keys', 'release.pub'), 'synthetic\n')
  const pin = `{spki: "sha256:${'b'.repeat(64)}", file: keys/release.pub}`
  const environment = `{repository: registry.test/web, match: {clusters: [test], namespaces: [${NAMESPACE}]}, requires: {signature: {keys: [${pin}]}}}`
  const text = `version: 1\nsystem: patient-api\nstore: s3://synthetic-evidence/test?region=eu-central-1\nenvironments:\n  production: ${environment}\n`
  writeFileSync(join(folder, 'policy', 'hipaa-ci.yaml'), text)
}
