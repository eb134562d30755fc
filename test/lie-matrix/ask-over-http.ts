/** Asks for the verdict on what a row tells over HTTP, and lets another verifier look at the same registry afterwards. */
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {memoryImageStore} from '../fakes/memory-image-store.ts'
import {quick} from '../lib/registry/settings.ts'
import {askVerdict, type Answer} from './ask-verdict.ts'
import {startLyingRegistry} from './lying-registry.ts'
import type {RegistryRow} from './registry-rows.ts'
import type {StoreRow} from './row.ts'
import {createScene} from './scene.ts'

/** What another verifier is asked: the image, and the trusted key in PEM. */
export interface Asked {
  readonly image: string
  readonly pem: string
}

export async function askOverHttp(row: StoreRow | RegistryRow, another: (asked: Asked) => Promise<void> = async () => undefined): Promise<Answer> {
  const registry = await startLyingRegistry()
  try {
    const repository = `${registry.host}/team/app`
    const store = memoryImageStore({repository})
    const scene = await createScene(store, repository)
    const ask = 'lay' in row ? ((await row.lay(scene, store)) ?? {}) : await scene.honest()
    registry.tell(store, 'lay' in row ? {} : {manifest: row.manifest, of: scene.digest, referrers: row.referrers})
    if ('down' in row) await registry.stop()
    const answer = await askVerdict(scene, {[repository]: openRegistry(repository, quick())}, ask ?? {})
    // A tag that has moved by now moves once more, for whoever asks next.
    store.tags.set('latest', scene.digest)
    await another({image: ask?.image ?? `${repository}@${scene.digest}`, pem: scene.trusted.pem})
    return answer
  } finally {
    await registry.stop()
  }
}
