/** A verdict as JUnit XML: each check a test case. What could not be checked is an error, and so is what is missing. */
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {shown, type ShownCheck} from './shown.ts'

export function verifyJUnit(result: VerifyResult): string {
  const {subject, verdict, checks, ground} = shown(result)
  const count = (...states: readonly string[]) => checks.filter(({state}) => states.includes(state)).length
  const counts = `tests="${checks.length}" failures="${count('failed')}" errors="${count('missing', 'could-not-check')}" skipped="${count('not-required', 'not-checked')}"`
  const name = `hipaa-ci verify ${subject}`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(name)}" ${counts}>`,
    `  <testsuite name="${xml(name)}" ${counts} timestamp="${xml(result.asOf)}">`,
    ...checks.flatMap((check) => testCase(check)),
    `    <system-out>${xml(`${verdict}; ${ground}`)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const ELEMENTS = {failed: 'failure', missing: 'error', 'could-not-check': 'error', 'not-required': 'skipped', 'not-checked': 'skipped'} as const

function testCase({name, state, reason, message, fix}: ShownCheck): string[] {
  const open = `    <testcase classname="hipaa-ci.verify" name="${xml(name)}"`
  if (state === 'verified') return [`${open}>`, `      <system-out>${xml(`${state}: ${message}`)}</system-out>`, '    </testcase>']
  const element = ELEMENTS[state]
  const type = element === 'skipped' ? '' : ` type="${xml(reason ?? state)}"`
  const text = [`${state}: ${message}`, ...(reason === undefined ? [] : [`reason: ${reason}`]), ...(fix === undefined ? [] : [`fix: ${fix}`])].join('\n')
  return [`${open}>`, `      <${element} message="${xml(message)}"${type}>${xml(text)}</${element}>`, '    </testcase>']
}

/** Control characters, which XML 1.0 cannot have, are gone already; the two that are no characters are not. */
function xml(text: string): string {
  return text
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}
