/** The formats for other programs: each says all of every check, is read back by our own readers, and is not bent by foreign text. */
import assert from 'node:assert/strict'
import type {VerifyResult} from '../../../../../src/lib/actions/verify/record-verdict.ts'
import {chosenFormat, formatVerify, type VerifyFormat} from '../../../../../src/lib/cli/render/verify/format.ts'
import {parseJUnit} from '../../../../../src/lib/intake/junit.ts'
import {parseSarif} from '../../../../../src/lib/intake/sarif.ts'
import {z} from 'zod'

const digest = `sha256:${'7'.repeat(64)}`
const result: VerifyResult = {
  image: `registry.example/clinic/patient-api@${digest}`,
  repository: 'registry.example/clinic/patient-api',
  digest,
  environment: 'production',
  policy: 'a'.repeat(64),
  asOf: '2026-01-02T03:04:05.678Z',
  verdict: 'failed',
  exitCode: 1,
  record: undefined,
  recorded: false,
  checks: [
    {name: 'signature', state: 'verified', message: 'signed by somebody'},
    {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: 'no signed SBOM', fix: 'hipaa-ci attest it --type sbom'},
    {name: 'gate', state: 'failed', reason: 'gate.failed', message: 'the gate stopped it', fix: 'Fix it'},
    {name: 'approvals', state: 'could-not-check', reason: 'approval.claimed', message: 'a bare word', fix: 'hipaa-ci approve it'},
    {name: 'scan', state: 'not-required', message: 'the policy asks for no scan'},
    {name: 'revocation', state: 'not-checked', message: 'no revocation list is configured'},
  ],
}
const HOSTILE = `</testcase><b>]]>&"' | @team [x](https://evil.example) <script> \`code\` {0} www.evil.example :smile: ![](x) \u001b[2J \u202E\n# heading ::set-output::`
const hostile: VerifyResult = {
  ...result,
  image: HOSTILE,
  repository: HOSTILE,
  environment: HOSTILE,
  checks: [{name: 'signature', state: 'failed', reason: 'signature.wrong-repository', message: HOSTILE, fix: HOSTILE}],
}
const say = (given: VerifyResult, format: VerifyFormat) => formatVerify(given, format, '1.0.0')
/** As a browser shows it. */
const shownText = (markdown: string) => markdown.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
const FOREIGN = ['json', 'sarif', 'junit', 'markdown'] as const

describe('a verdict for other programs', () => {
  for (const format of FOREIGN)
    it(`says state, reason, sentence and what to do of every check, as ${format}`, () => {
      const text = shownText(say(result, format))
      for (const {state, reason, message, fix} of result.checks)
        for (const part of [format === 'markdown' ? state.replaceAll('-', ' ') : state, reason ?? '', message, fix ?? ''])
          assert.ok(text.includes(part), `${part} in ${text}`)
    })

  it('is what it is, as JSON', () => {
    assert.deepEqual(JSON.parse(say(result, 'json')), JSON.parse(JSON.stringify(result)))
  })

  it('is printed once', () => {
    assert.deepEqual(
      [chosenFormat(undefined, false), chosenFormat(undefined, true), chosenFormat('json', true), chosenFormat('sarif', false)],
      ['table', 'json', 'json', 'sarif'],
    )
    assert.throws(() => chosenFormat('junit', true), {code: 'usage.flag'})
  })

  describe('as JUnit', () => {
    it('counts a pass only where a check passed', () => {
      assert.deepEqual(parseJUnit(say(result, 'junit')), {
        name: `hipaa-ci verify registry.example/clinic/patient-api@${digest}`,
        passed: 1,
        failed: 3,
        skipped: 2,
      })
      assert.match(say(result, 'junit'), /tests="6" failures="1" errors="2" skipped="2"/)
    })

    it('holds foreign text, and nothing of it begins anything', () => {
      const xml = say(hostile, 'junit')
      assert.equal(parseJUnit(xml).failed, 1)
      assert.doesNotMatch(xml, /<b>|<script>|(?!\n)\p{Cc}|\p{Cf}/u)
    })
  })

  describe('as SARIF', () => {
    const Log = z.object({
      version: z.literal('2.1.0'),
      runs: z.tuple([
        z.object({
          tool: z.object({
            driver: z.object({name: z.literal('hipaa-ci'), rules: z.array(z.object({id: z.string(), shortDescription: z.object({text: z.string().min(1)})}))}),
          }),
          invocations: z.tuple([z.object({executionSuccessful: z.boolean(), exitCode: z.int()})]),
          results: z.array(
            z.object({
              ruleId: z.string(),
              ruleIndex: z.int(),
              kind: z.string(),
              level: z.string(),
              message: z.object({text: z.string()}),
              locations: z.tuple([z.object({physicalLocation: z.object({artifactLocation: z.object({uri: z.string()})})})]),
            }),
          ),
        }),
      ]),
    })

    it('has a rule for every result, and a level only where something failed (3.27.10)', () => {
      const [{tool, results}] = Log.parse(JSON.parse(say(result, 'sarif'))).runs
      assert.equal(results.length, result.checks.length)
      for (const {ruleId, ruleIndex, kind, level} of results) {
        assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId)
        assert.equal(level === 'none', kind !== 'fail', ruleId)
      }
    })

    it('is read as a failure wherever a check is no pass', () => {
      const {findings, unscanned} = parseSarif(JSON.parse(say(result, 'sarif')))
      assert.deepEqual(
        findings.filter(({severity}) => severity === 'error').map(({id}) => id),
        ['sbom.missing', 'gate.failed', 'approval.claimed'],
      )
      assert.deepEqual(unscanned, [])
      assert.equal(parseSarif(JSON.parse(say({...result, verdict: 'could-not-check', exitCode: 5}, 'sarif'))).unscanned.length, 1)
    })

    it('holds foreign text, and nothing of it is a link or an argument (3.11)', () => {
      const [{results}] = Log.parse(JSON.parse(say(hostile, 'sarif'))).runs
      const {text = ''} = results[0]?.message ?? {}
      assert.doesNotMatch(text, /(?<!\\)\[|(?<!\{)\{0\}(?!\})|\p{Cc}|\p{Cf}/u)
      assert.doesNotThrow(() => new URL(results[0]?.locations[0].physicalLocation.artifactLocation.uri ?? '', 'file:///'))
    })
  })

  describe('as Markdown', () => {
    it('is one table with a row for each check', () => {
      const rows = say(result, 'markdown')
        .split('\n')
        .filter((line) => line.startsWith('|'))
      assert.equal(rows.length, result.checks.length + 2)
      for (const row of rows) assert.equal(row.split('|').length, 7, row)
    })

    it('has what is to be typed in code spans', () => {
      const fixes = ['hipaa-ci sign it', 'Find out who; then: hipaa-ci sign it', 'See `gate` of the policy.', 'Deploy it by digest.']
      const text = say({...result, checks: fixes.map((fix) => ({name: 'gate', state: 'failed', message: 'no', fix}))}, 'markdown')
      assert.deepEqual(
        text.split('\n').flatMap((line) => /\| no \| (.*) \|$/.exec(line)?.[1] ?? []),
        ['<code>hipaa-ci sign it</code>', 'Find out who; then: <code>hipaa-ci sign it</code>', 'See <code>gate</code> of the policy.', 'Deploy it by digest.'],
      )
    })

    it('holds foreign text, and nothing of it begins anything', () => {
      const markdown = say(hostile, 'markdown')
      assert.doesNotMatch(markdown.replaceAll(/<\/?code>|^### |&#\d+;/gm, ''), /[<>@[\]`{}*_#!]|(?!\n)\p{Cc}|\p{Cf}|:\/\/|:[a-z]+:|www\./u)
      assert.equal(markdown.split('\n').filter((line) => line.startsWith('|')).length, 3)
      for (const row of markdown.split('\n').filter((line) => line.startsWith('|'))) assert.equal(row.split('|').length, 7, row)
    })
  })
})
