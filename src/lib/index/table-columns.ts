/** Columns that several tables have. */

export type ColumnType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN'

/** What every row says of the record that it comes from. */
export const COMMON = {
  record_id: 'VARCHAR',
  /** UTC date of the record's ULID. */
  dt: 'VARCHAR',
  time: 'VARCHAR',
  time_ms: 'BIGINT',
  system: 'VARCHAR',
  environment: 'VARCHAR',
  outcome: 'VARCHAR',
  /** Of the subject; null where the subject is no image. */
  repository: 'VARCHAR',
  digest: 'VARCHAR',
  run_id: 'VARCHAR',
} as const

export const COUNTS = {
  critical: 'BIGINT',
  high: 'BIGINT',
  medium: 'BIGINT',
  low: 'BIGINT',
  unknown: 'BIGINT',
  error: 'BIGINT',
  warning: 'BIGINT',
  info: 'BIGINT',
} as const

export const SIGNER = {signer: 'VARCHAR', signer_issuer: 'VARCHAR'} as const
