/** Lies told on the command line and in the configuration: each stops the command before anything is asked. */
import {container, review} from '../lib/admission/reviews.ts'
import type {Expected} from './row.ts'

export interface CommandRow {
  readonly situation: string
  readonly expected: Expected
  readonly args: readonly string[]
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  /** Content of `hipaa-ci.yaml`; default a good one. */
  readonly policy?: string
}

const IMAGE = `registry.example/team/app@sha256:${'a'.repeat(64)}`
const PIN = `{spki: "sha256:${'b'.repeat(64)}", file: key.pub}`

export const GOOD_POLICY = `version: 1
system: patient-api
environments:
  production: {requires: {signature: {keys: [${PIN}]}}}
  staging: {requires: {signature: {keys: [${PIN}]}}}
`

export const COMMAND_ROWS: readonly CommandRow[] = [
  {situation: '`--key ""`', expected: {exit: 2, reason: 'usage.empty'}, args: ['verify', IMAGE, '--key', '']},
  {situation: '`--environment ""`, from a variable that was not set', expected: {exit: 2, reason: 'usage.empty'}, args: ['verify', IMAGE, '--environment', '']},
  {situation: 'the image is empty', expected: {exit: 2, reason: 'usage.empty'}, args: ['verify', '']},
  {situation: '`HIPAA_CI_CONFIG` is set, and empty', expected: {exit: 2, reason: 'usage.empty'}, args: ['verify', IMAGE], env: {HIPAA_CI_CONFIG: ''}},
  {
    situation: 'the redaction key is to come from a variable that is not set',
    expected: {exit: 2, reason: 'usage.empty'},
    args: ['admission', 'decide', '-', '--cluster', 'any', '--policy', 'hipaa-ci.yaml'],
    stdin: Buffer.from(review({containers: [container('registry.example/team/app:1.0')]})).toString(),
    policy: `${GOOD_POLICY}redaction: {key: "env:NOT_SET_ANYWHERE"}\n`,
  },
  {situation: 'an environment that is not there', expected: {exit: 2, reason: 'usage.environment'}, args: ['verify', IMAGE, '--environment', 'prod']},
  {situation: 'two environments could judge the image', expected: {exit: 2, reason: 'usage.environment'}, args: ['verify', IMAGE]},
  {
    situation: 'the file of `--key` is not there',
    expected: {exit: 2, reason: 'key.unreadable'},
    args: ['verify', IMAGE, '--environment', 'production', '--key', 'absent.pub'],
  },
  {situation: 'the policy is not there', expected: {exit: 2, reason: 'config.missing'}, args: ['verify', IMAGE, '--config', 'absent.yaml']},
  {situation: 'the policy cannot be read', expected: {exit: 2, reason: 'config.invalid'}, args: ['verify', IMAGE], policy: 'version: [\n'},
  {
    situation: 'the policy has a field that nobody knows',
    expected: {exit: 2, reason: 'config.invalid'},
    args: ['verify', IMAGE, '--environment', 'production'],
    policy: GOOD_POLICY.replace('requires: {signature', 'require: {signature'),
  },
  {
    situation: 'the policy has the same field twice',
    expected: {exit: 2, reason: 'config.invalid'},
    args: ['verify', IMAGE, '--environment', 'production'],
    policy: GOOD_POLICY.replace('staging:', 'production:'),
  },
]
