/**
 * Gatekeeper audits what runs every minute, and asks the same each time: what came of it is recorded once a day for each
 * key, and again where it came to something else.
 */
import {verdictCache} from '../../admission/verdict-cache.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {RecordInput, Recorder} from '../../ports/evidence-store.ts'
import type {AskRecorder} from './judge-ask.ts'

const DAY = 86_400_000
/** Keys that are remembered; of one that was forgotten there is a record more. */
const MAX = 10_000

/** @returns the recorder for an audit's key: it gives the ids of what was recorded before */
export function auditRecords(recorder: Recorder, now: () => Date): (key: string) => AskRecorder {
  const written = verdictCache<readonly {readonly id: string}[]>({max: MAX, now})
  return (key) => ({
    enabled: recorder.enabled,
    writeAll: async (inputs) =>
      written.get(sha256Hex(JSON.stringify([key, ...inputs.map(outcomeOf)])), async () => {
        const until = now().getTime() + DAY
        const records = await recorder.writeAll(inputs)
        return {value: records.map(({id}) => ({id})), until}
      }),
  })
}

function outcomeOf({detail}: RecordInput<'admission' | 'break-glass'>): readonly unknown[] {
  return 'verdict' in detail ? [detail.image, detail.verdict, detail.reasons, detail.exemption] : [detail]
}
