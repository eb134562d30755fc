/** A verdict in the format that was asked for. */
import {Flags} from '@oclif/core'
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {AppError} from '../../../errors.ts'
import {verifyJUnit} from './junit.ts'
import {verifyMarkdown} from './markdown.ts'
import {verifySarif} from './sarif.ts'
import {renderVerify} from './table.ts'

const FORMATS = ['table', 'json', 'sarif', 'junit', 'markdown'] as const
export type VerifyFormat = (typeof FORMATS)[number]

export const formatFlag = Flags.custom<VerifyFormat>({options: [...FORMATS]})

/** @throws AppError `usage.flag` where --json and --format differ */
export function chosenFormat(format: VerifyFormat | undefined, json: boolean): VerifyFormat {
  if (json && format !== undefined && format !== 'json')
    throw new AppError('usage.flag', `--json and --format ${format} are two answers, and one is printed`, {fix: 'Leave one of them out.'})
  return json ? 'json' : (format ?? 'table')
}

/** @param version of hipaa-ci */
export function formatVerify(result: VerifyResult, format: VerifyFormat, version: string): string {
  switch (format) {
    case 'table':
      return renderVerify(result)
    case 'json':
      return JSON.stringify(result, undefined, 2)
    case 'sarif':
      return verifySarif(result, version)
    case 'junit':
      return verifyJUnit(result)
    case 'markdown':
      return verifyMarkdown(result)
  }
}
