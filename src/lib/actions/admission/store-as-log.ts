/** `--wal-sync store`: what is answered is in the store before it is, and nothing ever waits. */
import type {AdmissionLog} from '../../ports/admission-log.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

/** In the order given: a blob before the record that names it. A store cannot be read by who writes it, so no run before is known. */
export function storeAsLog(store: Pick<EvidenceStore, 'address' | 'put'>): AdmissionLog {
  return {
    path: store.address,
    async append(objects) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      for (const {key, bytes} of objects) await store.put(key, bytes)
    },
    // oxlint-disable-next-line no-empty-function -- nothing waits
    async *waiting() {},
    shipped: async () => undefined,
    state: () => ({bytes: 0, objects: 0}),
    damaged: [],
    newestRecord: async () => undefined,
    run: undefined,
    keepRun: async () => undefined,
    close: async () => undefined,
  }
}
