import assert from 'node:assert/strict'
import fc from 'fast-check'
import {APPROVAL_TYPE, PROVENANCE_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkApprovals, countedApprovals} from '../../../../src/lib/policy/checks/approvals.ts'
import {judge} from '../../../../src/lib/policy/judge.ts'
import type {Approver, Attached, Observation, Policy} from '../../../../src/lib/policy/model.ts'
import {readPersons, type Persons} from '../../../../src/lib/policy/persons.ts'
import {
  ago,
  approval,
  ARM,
  DIGEST,
  JUNK,
  KEY,
  NOW,
  observation,
  OTHER_KEY,
  policy,
  provenance,
  provenanceBy,
  REPOSITORY,
  said,
  signature,
} from '../situation.ts'

const spki = (hex: string) => hex.repeat(64)
const [ANN, ANN_TOO, BOB, CAROL, STRANGER] = [spki('1'), spki('2'), spki('3'), spki('4'), spki('5')]
const KEYLESS = {issuer: 'https://issuer.example', identity: 'dan@clinic.example'}
const by: readonly Approver[] = [
  ...(
    [
      ['ann', ANN],
      ['ann', ANN_TOO],
      ['bob', BOB],
      ['carol', CAROL],
    ] as const
  ).map(([person, key]) => ({person, key: {spki: key, pem: '(not used)'}})),
  {person: 'dan', identity: KEYLESS},
]
const PERSONS = personsOf('ann', 'bob', 'carol', 'dan')

function personsOf(...names: readonly string[]): Persons {
  const read = readPersons({version: 1, persons: names.map((person) => ({person, principals: [{issuer: 'git.example', id: `${person}@clinic.example`}]}))})
  assert.ok('persons' in read)
  return read.persons
}

interface Asked {
  readonly minimum?: number
  readonly notAuthor?: boolean
  readonly persons?: Persons
  readonly more?: Partial<Policy>
  readonly seen?: Partial<Observation>
}

function asked({minimum = 1, notAuthor = false, persons = PERSONS, more = {}}: Asked): Policy {
  return policy({}, {approvals: {minimum, notAuthor, by}, persons, ...more})
}

function judged(attached: readonly Attached[], ask: Asked = {}): string {
  const {state, reason} = checkApprovals(observation(attached, ask.seen), asked(ask), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

const keyless: Attached = {...(approval() as Extract<Attached, {state: 'verified'}>), signer: KEYLESS}

describe('checkApprovals', () => {
  it('asks for nothing where the policy does not', () => {
    assert.equal(checkApprovals(observation([]), policy({}), NOW).state, 'not-required')
  })

  it('counts persons by key and by identity', () => {
    assert.equal(judged([approval({spki: ANN})]), 'verified')
    assert.equal(judged([keyless]), 'verified')
    assert.equal(judged([approval({spki: ANN}), keyless], {minimum: 2}), 'verified')
    assert.equal(judged([{...keyless, signer: {...KEYLESS, issuer: 'https://other.example'}}]), 'missing approval.missing')
  })

  it('takes two keys of one person, and one approval twice, for one', () => {
    assert.equal(judged([approval({spki: ANN}), approval({spki: ANN_TOO}), approval({spki: ANN})], {minimum: 2}), 'missing approval.missing')
  })

  it('says how many are missing and who may give them', () => {
    const {message, fix} = checkApprovals(observation([approval({spki: ANN})]), asked({minimum: 2}), NOW)
    assert.equal(message, '1 of 2 approvals for production; bob, carol, dan may approve')
    assert.equal(fix, 'hipaa-ci approve <image> --to production --key file:YOUR.key')
  })

  it('counts nothing but an approval by somebody named, for this digest, environment and repository, that is not of tomorrow', () => {
    const none: readonly (readonly [string, Attached])[] = [
      ['a key that is not named', approval({spki: STRANGER})],
      ['the key that signs builds', approval({spki: KEY.spki})],
      ['another digest', approval({spki: ANN, digests: [ARM]})],
      ['another environment', approval({spki: ANN, environment: 'staging'})],
      ['another repository', approval({spki: ANN, repository: 'registry.example/other/app'})],
      ['tomorrow', approval({spki: ANN, approvedOn: ago(-24)})],
      ['no time', approval({spki: ANN, approvedOn: 'yesterday'})],
      ['a condition', said(APPROVAL_TYPE, {environment: 'production', repository: REPOSITORY, approvedOn: ago(1), unless: 'friday'}, {spki: ANN})],
      ['another predicate type', said('urn:hipaa-ci:approval:2', {environment: 'production', repository: REPOSITORY, approvedOn: ago(1)}, {spki: ANN})],
      ['a signature', signature({spki: ANN})],
      ['no valid envelope', {state: 'failed', manifest: DIGEST, reason: 'signature.invalid', message: '', predicateType: APPROVAL_TYPE}],
    ]
    for (const [what, item] of none) assert.equal(judged([item]), 'missing approval.missing', what)
  })

  it('looks at what is attached to the image itself', () => {
    assert.equal(judged([], {seen: {attached: new Map([[ARM, [approval({spki: ANN, digests: [DIGEST, ARM]})]]])}}), 'missing approval.missing')
  })

  describe('after a promotion', () => {
    const target = 'registry.example/prod/app'
    const more = {repository: target, promotion: {spki: OTHER_KEY.spki, pem: '(not used)'}}
    const promoted = (annotations: Record<string, string>, key = OTHER_KEY.spki) =>
      said('https://sigstore.dev/cosign/sign/v1', {}, {spki: key, annotations: {repository: target, ...annotations}})
    const ask = {more, seen: {repository: target}}

    it('counts what was approved where the image came from, if the promotion key says that it came from there', () => {
      assert.equal(judged([approval({spki: ANN}), promoted({'promoted-from': REPOSITORY})], ask), 'verified')
      assert.equal(judged([approval({spki: ANN, repository: target}), promoted({'promoted-from': REPOSITORY})], ask), 'verified')
    })

    it('does not where nobody says so, or nobody who may', () => {
      const approved = approval({spki: ANN})
      assert.equal(judged([approved], ask), 'missing approval.missing')
      assert.equal(judged([approved, promoted({})], ask), 'missing approval.missing')
      assert.equal(judged([approved, promoted({'promoted-from': 'registry.example/other'})], ask), 'missing approval.missing')
      assert.equal(judged([approved, promoted({'promoted-from': REPOSITORY}, KEY.spki)], ask), 'missing approval.missing')
      assert.equal(judged([approved, promoted({'promoted-from': REPOSITORY, repository: REPOSITORY})], ask), 'missing approval.missing')
    })
  })

  describe('where nobody approves what they wrote', () => {
    const notAuthor = {notAuthor: true}
    const written = (...names: string[]) => provenanceBy(names.map((name) => `${name}@clinic.example`))

    it('counts those who did not write it', () => {
      assert.equal(judged([approval({spki: BOB}), written('ann')], notAuthor), 'verified')
      assert.equal(judged([approval({spki: ANN}), approval({spki: BOB}), written('ann')], notAuthor), 'verified')
      assert.equal(judged([approval({spki: ANN}), written('ann')], notAuthor), 'failed approval.by-author')
      assert.equal(judged([approval({spki: ANN}), approval({spki: BOB}), written('ann')], {...notAuthor, minimum: 2}), 'failed approval.by-author')
      assert.equal(judged([approval({spki: ANN}), written('bob', 'ann')], notAuthor), 'failed approval.by-author')
    })

    it('compares persons, however their names are spelled', () => {
      assert.equal(judged([approval({spki: ANN_TOO}), provenanceBy(['Ann@Clinic.example'])], notAuthor), 'failed approval.by-author')
    })

    it('cannot check where nothing that is trusted says who wrote it', () => {
      assert.equal(judged([approval({spki: BOB})], notAuthor), 'could-not-check approval.no-author')
      assert.equal(judged([approval({spki: BOB}), provenance()], notAuthor), 'could-not-check approval.no-author')
      assert.equal(judged([approval({spki: BOB}), provenanceBy(['ann@clinic.example'], {spki: STRANGER})], notAuthor), 'could-not-check approval.no-author')
    })

    it('says so where a tree with uncommitted changes is why', () => {
      const dirty = said(PROVENANCE_TYPE, {
        buildDefinition: {buildType: 'https://build.example/v1', externalParameters: {}, internalParameters: {dirty: true}},
        runDetails: {builder: {id: 'https://build.example'}},
      })
      const {reason, message} = checkApprovals(observation([approval({spki: BOB}), dirty]), asked(notAuthor), NOW)
      assert.equal(reason, 'approval.no-author')
      assert.match(message, /uncommitted changes/)
    })

    it('cannot check where an author, or an approver, is nobody that is known', () => {
      assert.equal(judged([approval({spki: BOB}), written('ann', 'zoe')], notAuthor), 'could-not-check approval.unresolved-person')
      assert.equal(judged([approval({spki: BOB}), written('ann')], {...notAuthor, persons: personsOf('ann')}), 'could-not-check approval.unresolved-person')
    })

    it('clears nobody by a later statement that names fewer', () => {
      assert.equal(judged([approval({spki: ANN}), written('bob'), written('ann')], notAuthor), 'failed approval.by-author')
    })

    it('hands over those that count, one a person', () => {
      const attached = [approval({spki: ANN}), approval({spki: BOB}), approval({spki: BOB}), written('ann')]
      const names = (ask: Asked) => countedApprovals(observation(attached), asked(ask), NOW).map(({person}) => person)
      assert.deepEqual([names(notAuthor), names({})], [['bob'], ['ann', 'bob']])
    })
  })

  const named = [ANN, ANN_TOO, BOB, CAROL].map((key) => approval({spki: key})).concat(keyless)
  const worthless = [
    ...JUNK,
    approval({spki: STRANGER}),
    approval({spki: KEY.spki}),
    ...[ANN, BOB].flatMap((key) => [
      approval({spki: key, environment: 'staging'}),
      approval({spki: key, repository: 'registry.example/other'}),
      approval({spki: key, approvedOn: ago(-24)}),
      approval({spki: key, digests: [ARM]}),
    ]),
  ]
  const authors = fc
    .subarray(['ann', 'bob', 'carol', 'dan', 'zoe'])
    .map((names) => (names.length === 0 ? [] : [provenanceBy(names.map((name) => `${name}@clinic.example`))]))
  const asks = fc.record({minimum: fc.integer({min: 1, max: 4}), notAuthor: fc.boolean()})

  it('is neither helped nor spoilt by what is no approval of anybody named', () => {
    fc.assert(
      fc.property(fc.subarray(named), fc.shuffledSubarray(worthless), authors, asks, (approvals, others, wrote, ask) => {
        const check = (attached: Attached[]) => checkApprovals(observation(attached), asked(ask), NOW)
        assert.deepEqual(check([...others, ...approvals, ...wrote]), check([...approvals, ...wrote]))
      }),
    )
  })

  it('is never helped by taking one away', () => {
    fc.assert(
      fc.property(fc.subarray(named, {minLength: 1}), fc.nat(), authors, asks, (approvals, at, wrote, ask) => {
        const less = approvals.filter((_, index) => index !== at % approvals.length)
        if (judged([...less, ...wrote], ask) === 'verified') assert.equal(judged([...approvals, ...wrote], ask), 'verified')
      }),
    )
  })

  it('is never verified by fewer persons than are asked for, nor by one who wrote the change', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...named, ...worthless]), authors, asks, (attached, wrote, ask) => {
        if (judged([...attached, ...wrote], ask) !== 'verified') return
        const counted = countedApprovals(observation([...attached, ...wrote]), asked(ask), NOW)
        assert.ok(new Set(counted.map(({person}) => person)).size >= ask.minimum)
      }),
    )
  })
})

describe('judge, with approvals', () => {
  it('verifies nothing without them', () => {
    const {verdict, exitCode} = judge(observation([signature()]), asked({}), NOW)
    assert.deepEqual([verdict, exitCode], ['missing', 6])
    assert.equal(judge(observation([signature(), approval({spki: ANN})]), asked({}), NOW).exitCode, 0)
  })
})
