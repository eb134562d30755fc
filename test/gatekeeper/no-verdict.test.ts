/** admission.md names the traps of the external-data protocol: in each there is no verdict, so the pod is not admitted. */
import assert from 'node:assert/strict'
import {constraints, type Constraint} from '../../src/lib/admission/manifests/constraints.ts'
import {constraintTemplate} from '../../src/lib/admission/manifests/constraint-template.ts'
import {createAuthority} from '../certificates.ts'
import {answering, items, judged, type Script} from '../fakes/scripted-provider.ts'
import {container, reviewValue, UID} from '../lib/admission/reviews.ts'
import {ALLOWS, allows, PROVIDER, refuses, withGate, type Gate, type GateOptions} from './gate.ts'

const POD = reviewValue({containers: [container('registry.test/web@sha256:aa')]})
const DEPLOYMENT = reviewValue({
  request: {
    kind: {group: 'apps', version: 'v1', kind: 'Deployment'},
    object: {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web'}, spec: {template: {spec: {containers: [container('web@sha256:aa')]}}}},
  },
})

const answers: readonly (readonly [what: string, script: Script, why: RegExp])[] = [
  ['an empty body', () => ({text: ''}), /unmarshal/],
  ['a page of HTML', () => ({text: '<html>not here</html>'}), /unmarshal/],
  ['half an answer', (keys) => ({text: items({key: keys[0], value: ALLOWS}).text.slice(0, -1)}), /unmarshal/],
  ['a failure with a page', () => ({status: 500, text: 'Internal Server Error'}), /unmarshal/],
  ['a failure with JSON', () => ({status: 500, text: '{"error": "no"}'}), /no answer to this request/],
  ['an empty object', () => ({text: '{}'}), /no answer/],
  ['null', () => ({text: 'null'}), /no answer/],
  ['no items', () => items(), /no answer/],
  ['items that are null', () => answering({idempotent: true, items: null}), /no answer/],
  ['an item about another key', () => items({key: '{"v":1}', value: ALLOWS}), /no answer/],
  ['an item about the same key in other bytes', ([key = '']) => items({key: ` ${key}`, value: ALLOWS}), /no answer/],
  ['an item without a key', () => items({value: ALLOWS}), /no answer/],
  ['two items about the key', ([key]) => items({key, value: ALLOWS}, {key, value: ALLOWS}), /no answer/],
  ['an item too many', ([key]) => items({key, value: ALLOWS}, {key: 'other', value: ALLOWS}), /no answer/],
  ['an item and an error', ([key]) => items({key, value: ALLOWS}, {key, error: 'but'}), /but/],
  ['an error of the item', ([key]) => items({key, error: 'registry.unreachable'}), /registry\.unreachable/],
  ['an error beside the value', ([key]) => items({key, value: ALLOWS, error: 'though'}), /though/],
  ['a system error', () => answering({systemError: 'the log is full'}), /the log is full/],
  ['a system error beside a good item', ([key]) => answering({items: [{key, value: ALLOWS}], systemError: 'half of it'}), /half of it/],
  ['a text for true', ([key]) => items({key, value: {...ALLOWS, admit: 'true'}}), /no answer/],
  ['a number for true', ([key]) => items({key, value: {...ALLOWS, admit: 1}}), /no answer/],
  ['a text for allowed', ([key]) => items({key, value: {...ALLOWS, allowed: 'true'}}), /no answer/],
  ['a value without admit', ([key]) => items({key, value: {allowed: true}}), /no answer/],
  ['no value', ([key]) => items({key}), /no answer/],
  ['a value that is null', ([key]) => items({key, value: null}), /no answer/],
  ['a value that is true', ([key]) => items({key, value: true}), /no answer/],
  ['a value in a list', ([key]) => items({key, value: [ALLOWS]}), /no answer/],
]

describe('an answer that is none', () => {
  for (const [what, script, why] of answers) it(`keeps a pod out: ${what}`, () => withGate(script, {}, (gate) => assertKeptOut(gate, why)))

  it('is told to the person who brings a Deployment, and keeps nothing out', () =>
    withGate(
      () => answering({systemError: 'the log is full'}),
      {},
      async ({review}) => {
        const {violations} = await review(DEPLOYMENT)
        assert.deepEqual(
          violations.map(({constraint, action, message}) => [constraint, action, message]),
          [['hipaa-ci-images-advice', 'warn', 'hipaa-ci: it is not known whether its pods will be admitted, because there is no verdict: the log is full']],
        )
      },
    ))

  it('leaves a sentence where a refusal has none', () =>
    withGate(
      judged(() => ({allowed: false, admit: false, records: [], message: ''})),
      {},
      (gate) => assertKeptOut(gate, /gave no reason/),
    ))

  it('leaves no record ids but texts', () =>
    withGate(
      ([key]) => items({key, value: {allowed: false, admit: false, records: ['one', null, 2, {}], message: 7}}),
      {},
      async ({review}) => {
        const {violations} = await review(POD)
        assert.deepEqual(violations[0]?.details, {records: ['one'], uid: UID})
      },
    ))
})

describe('a provider that cannot be asked', () => {
  const unreachable: readonly (readonly [what: string, script: Script, options: GateOptions, why: RegExp])[] = [
    ['it breaks off', () => 'breaks', {}, /EOF|reset/],
    ['it hangs (7)', () => 'hangs', {timeout: 1}, /deadline/],
    ['it is slower than Gatekeeper waits (7)', (keys) => ({...answerOf(keys), after: 3_000}), {timeout: 1}, /deadline/],
    ['its certificate is of another authority', allows, {serverAuthority: createAuthority('Synthetic Other Authority').cert}, /certificate/],
    ['its certificate names another host', allows, {url: (url) => url.replace('127.0.0.1', 'localhost')}, /certificate/],
    ['the Provider gives it no time', allows, {timeout: 0}, /deadline/],
    ['the constraint names a Provider that is not there', allows, {constraints: constraints('another')}, /not found in provider cache/],
  ]
  for (const [what, script, options, why] of unreachable) it(`keeps a pod out: ${what}`, () => withGate(script, options, (gate) => assertKeptOut(gate, why)))

  it('keeps a pod out: it is down', () =>
    withGate(allows, {}, async (gate) => {
      await gate.provider.stop()
      await assertKeptOut(gate, /refused/)
    }))

  it('keeps a pod out: it does not take the certificate that Gatekeeper shows', () =>
    withGate(allows, {clientAuthority: createAuthority('Synthetic Other Authority')}, async (gate) => {
      await assertKeptOut(gate, /failed to send/)
      assert.deepEqual(gate.provider.asked, [])
    }))

  it('is asked again as soon as it answers', () =>
    withGate(
      () => 'breaks',
      {},
      async (gate) => {
        await assertKeptOut(gate, /EOF|reset/)
        gate.provider.play(allows)
        assert.deepEqual((await gate.review(POD)).violations, [])
      },
    ))

  it('is waited for as long as the Provider says', () =>
    withGate(
      (keys) => ({...answerOf(keys), after: 400}),
      {timeout: 30},
      async ({review}) => {
        assert.deepEqual((await review(POD)).violations, [])
      },
    ))
})

describe('a constraint that was not written as shipped', () => {
  const [deny] = constraints(PROVIDER)
  const altered = (parameters: unknown) => [{...deny, spec: {...deny?.spec, parameters}} as Constraint]
  const {spec, ...template} = constraintTemplate()
  const ANYTHING = {type: 'object', nullable: true, 'x-kubernetes-preserve-unknown-fields': true}
  /** Whatever the template's schema would say. */
  const lenient = {...template, spec: {...spec, crd: {spec: {names: spec.crd.spec.names, validation: {openAPIV3Schema: ANYTHING}}}}}

  for (const [what, parameters] of [
    ['null for parameters', null],
    ['no "on"', {provider: PROVIDER}],
    ['a null for "on"', {provider: PROVIDER, on: null}],
    ['another word for "on"', {provider: PROVIDER, on: 'Warn'}],
    ['a list for "on"', {provider: PROVIDER, on: ['warn']}],
    ['no provider', {on: 'deny'}],
    ['a number for the provider', {provider: 7, on: 'deny'}],
  ] as const) {
    it(`is not taken: ${what}`, async () => {
      await assert.rejects(
        withGate(refuses, {constraints: altered(parameters)}, async () => {}),
        /the engine ended: .*schema validation failed: .*spec\.parameters/,
      )
    })

    it(`refuses where it is taken nevertheless: ${what}`, () =>
      withGate(refuses, {constraints: altered(parameters), template: lenient}, async ({review}) => {
        const {violations} = await review(POD)
        assert.deepEqual(
          violations.map(({action}) => action),
          ['deny'],
        )
      }))
  }

  it('refuses without any parameters', () =>
    withGate(allows, {constraints: altered(undefined)}, async (gate) => {
      await assertKeptOut(gate, /no verdict/)
    }))
})

function answerOf(keys: readonly string[]): {readonly text: string} {
  return items(...keys.map((key) => ({key, value: ALLOWS})))
}

async function assertKeptOut({review}: Gate, why: RegExp): Promise<void> {
  const {uid, violations} = await review(POD)
  assert.equal(uid, UID)
  assert.deepEqual(
    violations.map(({constraint, action, details}) => ({constraint, action, details})),
    [{constraint: 'hipaa-ci-images', action: 'deny', details: {records: [], uid: UID}}],
  )
  assert.match(violations[0]?.message ?? '', why)
}
