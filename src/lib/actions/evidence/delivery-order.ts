/**
 * In which order records that waited go into the store. Pure.
 *
 * By ULID, but never before the record that one points at: the clock of a machine may have been set back. A run's end
 * counts what others wrote, so it goes last. What `chosen` points at among `others` is taken along.
 */
export interface WaitingRecord {
  readonly key: string
  readonly sha256: string
  readonly id: string
  readonly time: string
  readonly prevsha256?: string
  readonly isEnd: boolean
  /** Digests that it names. */
  readonly blobs: readonly string[]
}

export function inOrder(records: readonly WaitingRecord[]): WaitingRecord[] {
  const byDigest = new Map(records.map((record) => [record.sha256, record]))
  const placed = new Set<WaitingRecord>()
  for (const record of records.toSorted(compare)) {
    const line: WaitingRecord[] = []
    for (let one: WaitingRecord | undefined = record; one !== undefined && !placed.has(one); one = byDigest.get(one.prevsha256 ?? '')) line.push(one)
    for (const one of line.toReversed()) placed.add(one)
  }
  return [...placed]
}

function compare(a: WaitingRecord, b: WaitingRecord): number {
  return Number(a.isEnd) - Number(b.isEnd) || (a.id < b.id ? -1 : 1)
}
