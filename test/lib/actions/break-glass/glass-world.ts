/** An image that nobody signed, people who may break the glass, and who is who. All of it synthetic. */
import {breakGlass, type BreakGlassRequest, type BreakGlassResult} from '../../../../src/lib/actions/break-glass/break-glass.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {fakeCosign} from '../../../fakes/fake-cosign.ts'
import type {MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {NOW, pinOf, verdictContext, type VerdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {HOME, home, production, signer} from '../admission/admission-world.ts'

export const ANN = createSigner()
const STRANGER = createSigner()
export const REVOKER = createSigner()

const PERSONS = JSON.stringify({
  version: 1,
  persons: ['ann', 'bob', 'carol'].map((person) => ({person, principals: [{issuer: 'https://login.example', id: `${person}@clinic.example`}]})),
})

export interface GlassWorld {
  readonly store: MemoryImageStore
  readonly evidence: EvidenceStore
  readonly image: string
  readonly digest: string
  /** A process of its own each, as `who`, some hours from now. */
  context(setting?: GlassSetting): VerdictContext
  run(request: Partial<BreakGlassRequest>, setting?: GlassSetting): Promise<BreakGlassResult>
  glass(): Promise<RecordOf<'break-glass'>[]>
}

export interface GlassSetting extends Partial<VerdictSetting> {
  readonly who?: string
  readonly hours?: number
}

export async function glassWorld(): Promise<GlassWorld> {
  const {store, image, digest} = await home({signed: false})
  const evidence = memoryStore()
  let processes = 0
  const context = ({who, hours = 0, policy = {}, files = {}, ...more}: GlassSetting = {}): VerdictContext => {
    const admission = {'break-glass': {by: [{person: 'ann', ...pinOf(ANN)}], 'max-hours': 8}}
    const human = {id: `${who}@clinic.example`, issuer: 'https://login.example', basis: 'token' as const}
    const made = verdictContext({
      policy: {environments: {production}, admission, identities: 'who.yaml', ...policy},
      images: {[HOME]: store},
      keys: [ANN, STRANGER, REVOKER, signer],
      files: {'keys/ann.key': '(a private key)', 'keys/stranger.key': '(a private key)', 'who.yaml': PERSONS, ...files},
      evidence,
      actor: who === undefined ? {} : {human},
      firstId: (processes += 1) * 1000,
      now: new Date(NOW.getTime() + hours * 3_600_000),
      ...more,
    })
    const runTool = fakeCosign(new Map([ANN, STRANGER].map((one, at) => [`/policy/keys/${['ann', 'stranger'][at]}.key`, one])))
    return {...made, runTool}
  }
  return {
    store,
    evidence,
    image,
    digest,
    context,
    run: async (request, setting) => breakGlass({providerDown: false, list: false, ...request}, context(setting)),
    glass: async () => (await context().records()).flatMap((record) => (record.stream === 'break-glass' ? [record] : [])),
  }
}
