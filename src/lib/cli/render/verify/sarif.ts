/**
 * A verdict as SARIF 2.1.0 (OASIS, 3.20 invocation, 3.27 result): each check a result.
 *
 * What is missing or could not be checked is a failure with the level of an
 * error: a reader who counts only those must not take it for a pass.
 */
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {REASONS, isReasonCode} from '../../../errors.ts'
import {shown, type ShownCheck} from './shown.ts'

/** @param version of hipaa-ci */
export function verifySarif(result: VerifyResult, version: string): string {
  const {subject, verdict, checks, ground} = shown(result)
  const rules = [...new Map(checks.map((check) => [ruleId(check), ruleOf(check)])).values()]
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {driver: {name: 'hipaa-ci', version, rules}},
        invocations: [{executionSuccessful: result.verdict !== 'could-not-check', exitCode: result.exitCode}],
        results: checks.map((check) =>
          resultOf(check, {subject, isImage: result.repository !== undefined, ruleIndex: rules.findIndex(({id}) => id === ruleId(check))}),
        ),
        properties: {verdict, ground},
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

/** The reason, where there is one: that is what is looked for, counted and silenced. */
function ruleId({name, reason}: ShownCheck): string {
  return reason ?? name
}

interface Rule {
  readonly id: string
  readonly shortDescription: {readonly text: string}
  readonly help?: {readonly text: string}
}

function ruleOf(check: ShownCheck): Rule {
  const {name, reason} = check
  const table = isReasonCode(reason) ? REASONS[reason] : undefined
  return {
    id: ruleId(check),
    shortDescription: {text: table?.meaning ?? `The check of ${name}.`},
    ...(table !== undefined && {help: {text: table.fix}}),
  }
}

const KINDS = {verified: 'pass', 'not-required': 'notApplicable', 'not-checked': 'informational'} as const

interface Place {
  readonly subject: string
  readonly isImage: boolean
  readonly ruleIndex: number
}

function resultOf(check: ShownCheck, {subject, isImage, ruleIndex}: Place): object {
  const {name, state, reason, message, fix} = check
  const kind = state === 'verified' || state === 'not-required' || state === 'not-checked' ? KINDS[state] : 'fail'
  return {
    ruleId: ruleId(check),
    ruleIndex,
    kind,
    level: kind === 'fail' ? 'error' : 'none',
    message: {text: plain(`${name}: ${message}${fix === undefined ? '' : ` What to do: ${fix}`}`)},
    locations: [
      {
        physicalLocation: {artifactLocation: {uri: encodeURI(isImage ? `oci://${subject}` : subject)}},
        logicalLocations: [{fullyQualifiedName: subject, kind: 'resource'}],
      },
    ],
    properties: {check: name, state, ...(reason !== undefined && {reason}), ...(fix !== undefined && {fix})},
  }
}

/** 3.11: brackets make links, braces stand for arguments. */
function plain(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('[', String.raw`\[`)
    .replaceAll(']', String.raw`\]`)
    .replaceAll('{', '{{')
    .replaceAll('}', '}}')
}
