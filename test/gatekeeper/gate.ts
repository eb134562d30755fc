/** An engine that asks a scripted provider: what a cluster would do, from review to refusal. One for each test. */
import {constraints as shipped, type Constraint} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {parseRequestKey, type KeyedAsk} from '../../src/lib/admission/request-key.ts'
import type {ProviderVerdict} from '../../src/lib/admission/provider-protocol.ts'
import {createAuthority} from '../certificates.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {judged, startProvider, type Script, type ScriptedProvider} from '../fakes/scripted-provider.ts'
import {startEngine, type Engine, type EngineOptions} from './start-engine.ts'

export interface Gate extends Pick<Engine, 'review'> {
  readonly provider: ScriptedProvider
  /** What the provider was asked, read as `serve` reads it. @throws where one cannot be judged */
  asked(): KeyedAsk[]
}

export interface GateOptions extends Pick<EngineOptions, 'cache' | 'audit' | 'template'> {
  /** Seconds that Gatekeeper waits for the provider. */
  readonly timeout?: number
  /** Default: as shipped. */
  readonly constraints?: readonly Constraint[]
  /** What the engine trusts and shows; default: the right ones. */
  readonly serverAuthority?: string
  readonly clientAuthority?: ReturnType<typeof createAuthority>
  /** What stands in the Provider; default: where the scripted one listens. */
  readonly url?: (listening: string) => string
}

const [servers, clients] = [createAuthority('Synthetic Provider Authority'), createAuthority('Synthetic Gatekeeper Authority')]
const server = servers.issue(['127.0.0.1'])

/** Name of the Provider object. */
export const PROVIDER = 'hipaa-ci'
export const ALLOWS: ProviderVerdict = {allowed: true, admit: true, records: ['01JZZZZZZZZZZZZZZZZZZZZZZA'], message: ''}
export const REFUSES: ProviderVerdict = {
  allowed: false,
  admit: false,
  records: ['01JZZZZZZZZZZZZZZZZZZZZZZR'],
  message: 'spec.containers[0]: signature.missing. Run: hipaa-ci verify',
}
export const WARNS: ProviderVerdict = {...REFUSES, admit: true}

export const allows = judged(() => ALLOWS)
export const refuses = judged(() => REFUSES)
export const warns = judged(() => WARNS)

/** Starts both, hands them over, and stops them, whatever comes of it. */
export async function withGate<T>(
  script: Script,
  {timeout, url, serverAuthority = servers.cert, clientAuthority = clients, constraints = shipped(PROVIDER), ...rest}: GateOptions,
  use: (gate: Gate) => Promise<T>,
): Promise<T> {
  const provider = await startProvider({server, clients: clients.cert}, script)
  try {
    const engine = await startEngine({
      provider: providerManifest({
        name: PROVIDER,
        url: url?.(provider.url) ?? provider.url,
        authority: serverAuthority,
        ...(timeout !== undefined && {timeout}),
      }),
      constraints,
      certificate: clientAuthority.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
      ...rest,
    })
    try {
      return await use({review: engine.review, provider, asked: () => provider.asked.map(parseRequestKey)})
    } finally {
      await engine.stop()
    }
  } finally {
    await provider.stop()
  }
}
