/** One image in one repository, and two key pairs: the one that the policy pins, and a stranger's. What is attached is the row's business. */
import {pushImage, type OciImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import type {StatementInput} from '../../src/lib/evidence/statement.ts'
import type {Descriptor, ImageStore} from '../../src/lib/ports/images.ts'
import {attachBundle} from '../fakes/attach-bundle.ts'
import {createSigner, type Damage, type TestSigner} from '../fakes/dsse-signer.ts'
import {gateOf, provenanceOf, sbomOf, scanOf, signatureOf} from '../fakes/statements.ts'

export interface Scene {
  readonly store: ImageStore
  /** `host/path` that the store is asked under. */
  readonly repository: string
  readonly image: OciImage
  readonly digest: string
  readonly trusted: TestSigner
  readonly stranger: TestSigner
  /** Signs a statement and attaches it to what it is about, or to the image. */
  attach(statement: StatementInput | Uint8Array, how?: Attach): Promise<Descriptor>
  /** Attaches bytes as if they were a bundle. */
  attachBytes(bytes: Uint8Array): Promise<Descriptor>
  /** All that the policy asks for, but what is named. */
  honest(except?: readonly Part[]): Promise<void>
}

export interface Attach extends Damage {
  readonly by?: TestSigner
  /** Attached here; default the image. */
  readonly to?: Descriptor
}

export type Part = 'signature' | 'sbom' | 'provenance' | 'scan' | 'gate'

export async function createScene(store: ImageStore, repository: string, image: OciImage = serviceImage()): Promise<Scene> {
  const digest = await pushImage(store, image, 'latest')
  const {descriptor} = await store.resolve(digest)
  const [trusted, stranger] = [createSigner(), createSigner()]
  const platforms = image.children.length === 0 ? [descriptor] : image.children.map((child) => child.descriptor)
  const all = [digest, ...image.children.map((child) => child.descriptor.digest)]

  const attach: Scene['attach'] = async (statement, {by = trusted, to = descriptor, ...damage} = {}) => attachBundle(store, to, by.bundle(statement, damage))
  return {
    store,
    repository,
    image,
    digest,
    trusted,
    stranger,
    attach,
    attachBytes: async (bytes) => attachBundle(store, descriptor, bytes),
    async honest(except = []) {
      const has = (part: Part) => !except.includes(part)
      if (has('signature')) await attach(signatureOf(all, repository))
      if (has('provenance')) await attach(provenanceOf(all))
      if (has('gate')) await attach(gateOf(all))
      for (const to of platforms) {
        // oxlint-disable-next-line no-await-in-loop -- one after another, as a pipeline does
        if (has('sbom')) await attach(sbomOf(to.digest), {to})
        // oxlint-disable-next-line no-await-in-loop -- the same
        if (has('scan')) await attach(scanOf(to.digest), {to})
      }
    },
  }
}
