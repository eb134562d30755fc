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
  /** Content of `platform.yaml`, where there is one. */
  readonly platform?: string
}

const IMAGE = `registry.example/team/app@sha256:${'a'.repeat(64)}`
const PIN = `{spki: "sha256:${'b'.repeat(64)}", file: key.pub}`

export const GOOD_POLICY = `version: 1
system: patient-api
environments:
  production: {requires: {signature: {keys: [${PIN}]}}}
  staging: {requires: {signature: {keys: [${PIN}]}}}
`

const PLATFORM = `version: 1
environments:
  production: {requires: {signature: {keys: [${PIN}]}}}
  staging: {requires: {signature: {keys: [${PIN}]}}}
gate: {}
`
const UNDER = ['verify', IMAGE, '--environment', 'production', '--policy', 'platform.yaml']

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
  {situation: "the platform's policy is not there", expected: {exit: 2, reason: 'policy.unreadable'}, args: UNDER},
  {situation: "the platform's policy cannot be read", expected: {exit: 2, reason: 'policy.unreadable'}, args: UNDER, platform: 'version: [\n'},
  {
    situation: "the platform's policy is not the one that is pinned",
    expected: {exit: 2, reason: 'policy.unreadable'},
    args: UNDER.map((each) => (each === 'platform.yaml' ? `platform.yaml@sha256:${'0'.repeat(64)}` : each)),
    platform: PLATFORM,
  },
  {
    situation: "the platform's policy comes from an address, and no digest is named",
    expected: {exit: 2, reason: 'usage.flag'},
    args: ['verify', IMAGE, '--environment', 'production', '--policy', 'https://policy.example/platform.yaml'],
  },
  {
    situation: "the platform's policy is out of reach",
    expected: {exit: 4, reason: 'policy.unreachable'},
    args: ['verify', IMAGE, '--environment', 'production', '--policy', `http://127.0.0.1:9/platform.yaml@sha256:${'0'.repeat(64)}`],
  },
  {
    situation: "the platform's policy has a field that nobody knows",
    expected: {exit: 2, reason: 'policy.invalid'},
    args: UNDER,
    platform: `${PLATFORM}gates: {}\n`,
  },
  {
    situation: "the service's file trusts a key that the platform's policy does not",
    expected: {exit: 2, reason: 'policy.weaker'},
    args: UNDER,
    policy: GOOD_POLICY.replace(PIN, PIN.replaceAll('b', 'c')),
    platform: PLATFORM,
  },
  {
    situation: "the service's file has an environment that the platform's policy does not have",
    expected: {exit: 2, reason: 'policy.weaker'},
    args: UNDER,
    platform: PLATFORM.replace(/ {2}staging.*\n/, ''),
  },
  {
    situation: "a variable raises a limit of the platform's policy",
    expected: {exit: 2, reason: 'policy.weaker'},
    args: UNDER,
    env: {HIPAA_CI_GATE_SECRETS: '1'},
    platform: PLATFORM,
  },
]
