/** The few signs that tables and verdicts share. Words carry the meaning; colour only helps. */
import chalk from 'chalk'

export const MARKS = {
  verified: chalk.green('✔'),
  failed: chalk.red('✖'),
  missing: chalk.yellow('∅'),
  'could-not-check': chalk.yellow('?'),
  'not-required': chalk.dim('–'),
  'not-checked': chalk.dim('–'),
} as const

export const WORDS = {
  verified: 'verified',
  failed: 'failed',
  missing: 'missing',
  'could-not-check': 'could not check',
  'not-required': 'not required',
  'not-checked': 'not checked',
} as const

/** `sha256:9f86d081…` */
export function shortDigest(digest: string): string {
  const hex = digest.replace(/^sha256:/, '')
  return `sha256:${hex.slice(0, 12)}…`
}
