/**
 * A request that cannot be judged is refused, and leaves one record: who asked, for what, where. No image is named, and no
 * policy judged it.
 */
import {admissionDetail} from '../../admission/admission-detail.ts'
import {refusedFor} from '../../admission/image-verdict.ts'
import type {UnreadKey} from '../../admission/unread-key.ts'
import type {AppError} from '../../errors.ts'
import type {AskRecorder} from './judge-ask.ts'

export interface UnreadRequest extends UnreadKey {
  readonly cluster: string
  /** In which its namespace lies, where one does. */
  readonly environment: string | undefined
  readonly fault: AppError
}

/** @throws AppError where the record cannot be written */
export async function recordUnread({mode, ask, images, cluster, environment, fault}: UnreadRequest, recorder: AskRecorder): Promise<void> {
  if (!recorder.enabled) return
  const refused = refusedFor(fault.code, fault.message, {image: images, path: 'spec'}, 'could-not-check')
  const place = {cluster, mode: mode === 'admission' ? ('enforce' as const) : mode, policy: undefined}
  await recorder.writeAll([
    {
      stream: 'admission',
      subject: `urn:hipaa-ci:admission:${ask.uid || 'audit'}`,
      environment: environment ?? 'none',
      outcome: 'error',
      detail: admissionDetail(ask, place, {...refused, verdict: 'could-not-check'}),
      blobs: [],
    },
  ])
}
