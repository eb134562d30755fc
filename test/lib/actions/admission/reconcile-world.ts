/** A store into which clusters reported, and later looks at what runs there. */
import {ulid} from 'ulid'
import {reconcileAuditLog, type AuditLogResult} from '../../../../src/lib/actions/admission/reconcile-audit-log.ts'
import {reconcileCluster} from '../../../../src/lib/actions/admission/reconcile-cluster.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {TextLine} from '../../../../src/lib/ports/context.ts'
import {implicitRun} from '../../../../src/lib/stores/implicit-run.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {NOW, verdictContext, type VerdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {admissionOf, listedPod, listing, type AdmissionDetail, type PodInput} from '../../admission/listings.ts'

/** Records first, then a look at what runs, by a later run. Ids carry the time of their record, as real ones do. */
export class ReportingClusters {
  readonly evidence = memoryStore()
  #ids = 0

  context({now = NOW, record = true, ...more}: Partial<VerdictSetting> = {}): VerdictContext {
    const context = verdictContext({images: {}, evidence: this.evidence, now, record, ...more})
    const newId = () => `${ulid(now.getTime()).slice(0, 10)}${String((this.#ids += 1)).padStart(16, '0')}`
    const ci = {platform: 'workstation', ci: false, source: 'workstation#test', actor: {}, change: {authors: []}}
    const parts = {
      store: this.evidence,
      position: implicitRun(newId(), 'main'),
      ci,
      system: 'patient-api',
      toolversion: 'hipaa-ci/0.0.0',
      now: () => now,
      newId,
    }
    return record ? {...context, recorder: async () => createRecorder(parts)} : context
  }

  async admit(...details: readonly Partial<AdmissionDetail>[]): Promise<void> {
    await this.admitAt(NOW, ...details)
  }

  /** @param at when it was recorded */
  async admitAt(at: Date, ...details: readonly Partial<AdmissionDetail>[]): Promise<void> {
    const recorder = await this.context({now: at}).recorder()
    for (const detail of details) {
      const full = admissionOf(detail)
      await recorder.write({stream: 'admission', subject: full.image, environment: 'production', outcome: 'pass', detail: full})
    }
  }

  async cover(cluster = 'prod-east', exempt = ['kube-system']): Promise<void> {
    const detail = {cluster, replica: 'r-0', policy: 'd'.repeat(64), exempt, rollout: [], log: 'volume' as const}
    await (await this.context({now: new Date('2026-06-15T00:00:00Z')}).recorder()).write({stream: 'enforcement', outcome: 'pass', detail})
  }

  async reconcile(
    inputs: readonly PodInput[],
    {cluster = 'prod-east', metadata = {}, ...more}: Partial<VerdictSetting> & {cluster?: string; metadata?: object} = {},
  ) {
    const bytes = listing(inputs.map(listedPod), {metadata})
    const context = this.context(more)
    const result = await reconcileCluster({cluster, listing: '-', since: '90d'}, {...context, files: {...context.files, read: async () => bytes}})
    return {result, record: await this.newest()}
  }

  async newest(): Promise<RecordOf<'reconciliation'> | undefined> {
    const keys = [...this.evidence.objects.keys()].filter((key) => key.startsWith('records/v1/reconciliation/')).toSorted()
    const record = keys.length === 0 ? undefined : openRecord(this.evidence.objects.get(keys.at(-1) ?? '') ?? new Uint8Array())
    return record?.stream === 'reconciliation' ? record : undefined
  }

  async readLog(
    lines: readonly (string | TextLine)[],
    {cluster = 'prod-east', ...more}: Partial<VerdictSetting> & {cluster?: string} = {},
  ): Promise<{result: AuditLogResult; record: RecordOf<'reconciliation'> | undefined}> {
    const context = {
      ...this.context(more),
      async *linesOf() {
        for (const line of lines) yield typeof line === 'string' ? {text: line} : line
      },
    }
    const result = await reconcileAuditLog({cluster, files: ['audit.log']}, context)
    return {result, record: await this.newest()}
  }
}
