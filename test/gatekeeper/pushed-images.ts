/** Images in a real registry, signed in this process as Cosign signs with a key file: many of them in a moment. */
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {attachBundle} from '../fakes/attach-bundle.ts'
import type {TestSigner} from '../fakes/dsse-signer.ts'
import {signatureOf} from '../fakes/statements.ts'

/** @param repository `host/path`.. @param signer undefined: nothing is attached. @returns `host/path@sha256:…` */
export async function pushImages(repository: string, versions: readonly string[], signer?: TestSigner): Promise<readonly string[]> {
  const store = openRegistry(repository)
  const push = async (version: string) => {
    const digest = await pushImage(store, serviceImage({version}))
    if (signer !== undefined) {
      const {descriptor} = await store.resolve(digest)
      await attachBundle(store, descriptor, signer.bundle(signatureOf([digest], repository)))
    }
    return `${repository}@${digest}`
  }
  return Promise.all(versions.map(push))
}
