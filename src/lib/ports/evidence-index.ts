/** The derived tables of a store, and the engine that answers questions over them. Types only. */

/** One value of a row, as every engine gives it. Whole numbers stay below 2^53. */
export type Cell = string | number | boolean | null

export interface EngineAnswer {
  readonly columns: readonly {readonly name: string; readonly type: string}[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  /** Of the files that hold the tables which the text names: at most this much was read. */
  readonly bytes: number
}

/** Runs a question's text over the flat tables (`index/tables.ts`). */
export interface QueryEngine {
  readonly name: string
  readonly version: string
  /**
   * @param parameters bound by the engine to `$name`, never pasted; those that the text does not name are ignored
   * @throws AppError `query.engine`
   */
  ask(sql: string, parameters: Readonly<Record<string, string>>): Promise<EngineAnswer>
}

/** Rows of records that were not indexed yet, on their way in. */
export interface IndexUpdate {
  /** The tables start empty: every record is to be read again. */
  readonly rebuild: boolean
  /** Keys of records that earlier updates met, in byte order; `indexed` is false where the tables do not hold the record (any more). */
  known(): AsyncIterable<{readonly key: string; readonly indexed: boolean}>
  /** A row of `table`, with every column of it. */
  append(table: string, row: Readonly<Record<string, Cell>>): Promise<void>
}

/** The derived tables beside a folder store. They can be thrown away: the store alone gives the same rows. */
export interface EvidenceIndex extends QueryEngine {
  /** `folder:/abs/path`, for messages. */
  readonly address: string
  /**
   * One at a time, also across processes. All that `work` appends becomes visible at once when it is done,
   * or not at all; questions of other processes go on with what they had.
   * @param fresh starts from nothing, as an index of another version of the tables does; what `known` gives is still the earlier one's
   * @throws AppError `store.conflict`, `store.unreachable`, `query.engine`
   */
  update<T>(fresh: boolean, work: (update: IndexUpdate) => Promise<T>): Promise<T>
  close(): Promise<void>
}
