/** Two repositories of one registry in memory, an image that is signed in the first, and everybody's keys. */
import {pushImage, type OciImage} from '../../../../scripts/image/build-image.ts'
import {serviceIndex} from '../../../../scripts/image/service.ts'
import {Environment} from '../../../../src/lib/config/schema.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import type {ImageStore} from '../../../../src/lib/ports/images.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner, type TestSigner} from '../../../fakes/dsse-signer.ts'
import {failing, failingCall, type Fault} from '../../../fakes/failing-port.ts'
import {fakeCosign} from '../../../fakes/fake-cosign.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext, type VerdictContext} from '../../../fakes/verdict-context.ts'

export const FROM = 'registry.example/team/app'
export const TO = 'registry.example/prod/app'
export const [BUILDER, PROMOTER, ANN, BOB, STRANGER] = [createSigner(), createSigner(), createSigner(), createSigner(), createSigner()] as const
const SIGNERS = {builder: BUILDER, promoter: PROMOTER, ann: ANN, bob: BOB, stranger: STRANGER}

export const APPROVERS = [
  {person: 'ann', ...pinOf(ANN)},
  {person: 'bob', ...pinOf(BOB)},
]
export const PRODUCTION = {
  repository: TO,
  requires: {signature: {keys: [pinOf(BUILDER)]}},
  approvals: {'not-author': false, by: APPROVERS},
  promotion: {key: 'file:keys/promoter.key', ...pinOf(PROMOTER)},
}

export interface World {
  readonly source: MemoryImageStore
  readonly target: MemoryImageStore
  readonly evidence: EvidenceStore
  /** By default of an index, with its platforms. */
  readonly digest: string
  readonly platforms: readonly string[]
  /** Another image into the source, signed. @returns its digest */
  push(image: OciImage): Promise<string>
  /** A process of its own each: with a fault, every port that it touches may break off. */
  context(setting?: Setting): VerdictContext
}

export interface Setting {
  readonly production?: Readonly<Record<string, unknown>>
  /** The platform's policy of the environment. */
  readonly platform?: Readonly<Record<string, unknown>>
  /** More of the configuration. */
  readonly top?: Readonly<Record<string, unknown>>
  readonly fault?: Fault
  readonly record?: boolean
  readonly files?: Readonly<Record<string, string>>
  readonly now?: Date
}

export async function createWorld({signed = true, image: first = serviceIndex()}: {readonly signed?: boolean; readonly image?: OciImage} = {}): Promise<World> {
  const source = memoryImageStore({repository: FROM})
  const target = memoryImageStore({repository: TO})
  const evidence = memoryStore()
  const platforms = first.children.map(({descriptor}) => descriptor.digest)
  const push = async (image: OciImage): Promise<string> => {
    const digest = await pushImage(source, image, 'latest')
    const all = [digest, ...image.children.map(({descriptor}) => descriptor.digest)]
    const bundle = BUILDER.bundle(signatureOf(all, FROM))
    for (const each of signed ? all : []) await attachBundle(source, (await source.resolve(each)).descriptor, bundle)
    return digest
  }

  let processes = 0
  const context = ({production = PRODUCTION, platform, top = {}, fault, record = true, files = {}, now}: Setting = {}): VerdictContext => {
    const broken = (store: ImageStore) => (fault === undefined ? store : failing(store, fault, 'registry.unreachable'))
    const images = {[FROM]: broken(source), [TO]: broken(target)}
    const made = verdictContext({
      policy: {...top, environments: {production}},
      images,
      keys: Object.values(SIGNERS),
      files: {...Object.fromEntries(Object.keys(SIGNERS).map((name) => [`keys/${name}.key`, '(a private key)'])), ...files},
      evidence: fault === undefined ? evidence : failing(evidence, fault, 'store.unreachable'),
      record,
      firstId: (processes += 1) * 1000,
      ...(now !== undefined && {now}),
    })
    const cosign = fakeCosign(new Map(Object.entries(SIGNERS).map(([name, signer]): [string, TestSigner] => [`/policy/keys/${name}.key`, signer])))
    const runTool: Context['runTool'] =
      fault === undefined ? cosign : (failingCall(cosign as (...args: unknown[]) => Promise<unknown>, fault, 'tool.killed') as Context['runTool'])
    if (platform === undefined) return {...made, runTool}
    return {...made, runTool, config: {...made.config, platform: {production: Environment.parse(platform)}}}
  }
  return {source, target, evidence, digest: await push(first), platforms, push, context}
}
