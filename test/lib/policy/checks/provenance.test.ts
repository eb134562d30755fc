import assert from 'node:assert/strict'
import type {Requires} from '../../../../src/lib/config/schema.ts'
import {PROVENANCE_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkProvenance} from '../../../../src/lib/policy/checks/provenance.ts'
import type {Attached} from '../../../../src/lib/policy/model.ts'
import {GITHUB_BUILD_TYPE, GITLAB_BUILD_TYPE, WORKFLOW_BUILD_TYPE} from '../../../../src/lib/predicates/build-types.ts'
import {ProvenancePredicate} from '../../../../src/lib/predicates/provenance.ts'
import {ago, ARM, BUILDER, KEY, NOW, observation, OTHER_KEY, policy, provenance, provenanceSaying, said, SOURCE} from '../situation.ts'

function judged(attached: readonly Attached[], required: NonNullable<Requires['provenance']> = {}) {
  const {state, reason} = checkProvenance(observation(attached), policy({provenance: required}), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

/** Provenance with one member of the build definition replaced. */
function defined(changes: Readonly<Record<string, unknown>>): Attached {
  const predicate = ProvenancePredicate.parse(provenanceSaying())
  return said(PROVENANCE_TYPE, {...predicate, buildDefinition: {...predicate.buildDefinition, ...changes}})
}

const builder = (id: string, level = 1, key = KEY.spki) => ({builders: [{id, key: `sha256:${key}`, level}]})

const workflow = (repository: string, ref = 'refs/heads/main') => ({repository, ref, path: '.github/workflows/build.yml'})
const github = (definition: unknown) => defined({buildType: WORKFLOW_BUILD_TYPE, externalParameters: {workflow: definition}})

describe('checkProvenance', () => {
  it('asks for nothing that the policy does not ask for', () => {
    assert.equal(checkProvenance(observation([]), policy({}), NOW).state, 'not-required')
  })

  it('wants signed provenance about this digest', () => {
    assert.equal(judged([provenance()]), 'verified')
    assert.equal(judged([]), 'missing provenance.missing')
    assert.equal(judged([provenance({digests: [ARM]})]), 'missing provenance.missing')
    assert.equal(judged([provenance({spki: OTHER_KEY.spki})]), 'missing provenance.missing')
  })

  it('takes a builder only together with its key', () => {
    assert.equal(judged([provenance()], builder(BUILDER)), 'verified')
    assert.equal(judged([provenance()], builder(BUILDER, 1, OTHER_KEY.spki)), 'failed provenance.wrong-builder')
    assert.equal(judged([provenance()], builder('https://builder.example')), 'failed provenance.wrong-builder')
    assert.equal(judged([provenance()], {builders: []}), 'failed provenance.wrong-builder')
  })

  it('lets no policy raise an unverified builder above level 1', () => {
    assert.equal(judged([provenance()], builder(BUILDER, 3)), 'failed provenance.wrong-builder')
  })

  it('knows its sources, and refuses provenance that names none', () => {
    assert.equal(judged([provenance()], {sources: ['git+https://git.example/team/*@refs/heads/main']}), 'verified')
    assert.equal(judged([provenance()], {sources: ['git+https://git.example/team/*']}), 'failed provenance.wrong-source', '* stops at a slash')
    assert.equal(judged([provenance()], {sources: ['git+https://git.example/team/**']}), 'verified')
    assert.equal(judged([provenance()], {sources: [SOURCE]}), 'verified')
    assert.equal(judged([provenance()], {sources: []}), 'failed provenance.wrong-source')
    for (const source of [undefined, null, '', 7, {}, [SOURCE]])
      assert.equal(judged([defined({externalParameters: {source}})], {sources: ['**']}), 'failed provenance.wrong-source', JSON.stringify(source))
  })

  it('reads the source of a workflow as a git URI, repository and ref', () => {
    const required = {sources: ['git+https://git.example/team/*@refs/heads/main']}
    assert.equal(judged([github(workflow('https://git.example/team/app'))], required), 'verified')
    assert.equal(judged([github(workflow('https://git.example/evil/app'))], required), 'failed provenance.wrong-source')
    assert.equal(judged([github(workflow('https://git.example/team/app', 'refs/heads/topic'))], required), 'failed provenance.wrong-source')
    assert.equal(judged([github(workflow('https://git.example/team/app', 'refs/tags/v1'))], {sources: ['git+https://git.example/team/app@**']}), 'verified')
    assert.equal(judged([github(workflow('https://git.example/team/app'))], {sources: ['https://git.example/team/app']}), 'failed provenance.wrong-source')
  })

  it('knows what stands in a workflow, and that it is complete', () => {
    const good = workflow('https://git.example/team/app')
    for (const bad of [null, [], 'x', {}, {...good, inputs: {a: 1}}, {...good, ref: ''}, {...good, path: 7}, {repository: good.repository}])
      assert.equal(judged([github(bad)]), 'failed provenance.parameter', JSON.stringify(bad))
    assert.equal(judged([defined({buildType: WORKFLOW_BUILD_TYPE, externalParameters: {}})]), 'failed provenance.parameter')
  })

  it('lets the published build type have no inputs and no other source', () => {
    const good = workflow('https://git.example/team/app')
    for (const more of [{inputs: {}}, {source: SOURCE}])
      assert.equal(judged([defined({buildType: WORKFLOW_BUILD_TYPE, externalParameters: {workflow: good, ...more}})]), 'failed provenance.parameter')
  })

  it('takes inputs that the policy names, and no others', () => {
    const given = (inputs: unknown, buildType = GITHUB_BUILD_TYPE, name = 'workflow') =>
      defined({buildType, externalParameters: {[name]: workflow('https://git.example/team/app'), inputs}})
    assert.equal(judged([given({target: 'release'})]), 'failed provenance.parameter')
    assert.equal(judged([given({target: 'release'})], {inputs: ['target']}), 'verified')
    assert.equal(judged([given({target: 'release'}, GITLAB_BUILD_TYPE, 'pipeline')], {inputs: ['target']}), 'verified')
    assert.equal(judged([given({target: 'release', debug: true})], {inputs: ['target']}), 'failed provenance.parameter')
    assert.equal(judged([given({constructor: 1})], {inputs: []}), 'failed provenance.parameter')
    for (const bad of [null, ['target'], 'target']) assert.equal(judged([given(bad)], {inputs: ['target', '0']}), 'failed provenance.parameter')
  })

  it('lets a source that is named apart stand for the workflow', () => {
    const given = (source: unknown) =>
      defined({buildType: GITHUB_BUILD_TYPE, externalParameters: {workflow: workflow('https://git.example/team/policy'), source}})
    assert.equal(judged([given(SOURCE)], {sources: [SOURCE]}), 'verified')
    assert.equal(
      judged([given('git+https://git.example/evil/app@refs/heads/main')], {sources: ['git+https://git.example/team/**']}),
      'failed provenance.wrong-source',
    )
    assert.equal(judged([given(7)], {sources: ['**']}), 'failed provenance.parameter')
  })

  it('says the level: that of the pair of builder and key, the lower of two, 1 at most for nobody in particular', () => {
    const level = (attached: readonly Attached[], required: NonNullable<Requires['provenance']>) =>
      checkProvenance(observation(attached), policy({provenance: required}), NOW).level
    const by = (id: string) =>
      said(PROVENANCE_TYPE, {...ProvenancePredicate.parse(provenanceSaying()), runDetails: {builder: {id}, metadata: {finishedOn: ago(1)}}})
    const id = 'https://github.com/acme/builders/.github/workflows/secure-build.yml@refs/tags/v3'
    assert.equal(level([by(id)], builder(id, 3)), 3)
    assert.equal(level([by(id)], {builders: [...builder(id, 3).builders, ...builder(id, 2).builders]}), 2)
    assert.equal(level([by(id)], {builders: [...builder(id, 3).builders, ...builder(id, 1, OTHER_KEY.spki).builders]}), 3)
    assert.equal(level([by(id)], {}), 1)
    assert.equal(level([by(BUILDER)], builder(BUILDER, 1)), 1)
    assert.equal(level([by(BUILDER)], builder(BUILDER, 0)), 0)
    assert.equal(level([by(BUILDER)], builder(BUILDER, 3)), undefined)
    assert.equal(level([by(id), by(BUILDER)], {builders: [...builder(id, 3).builders, ...builder(BUILDER, 1).builders]}), 1)
  })

  it('refuses external parameters and build types that it does not know', () => {
    assert.equal(judged([defined({externalParameters: {source: SOURCE, debug: true}})]), 'failed provenance.parameter')
    for (const buildType of ['https://builds.example/v1', 'constructor', '__proto__', 'toString'])
      assert.equal(judged([defined({buildType})]), 'failed provenance.parameter', buildType)
  })

  it('refuses a predicate of another shape, also beside a good one', () => {
    for (const broken of [null, [], {}, {buildDefinition: {}}])
      assert.equal(judged([provenance(), said(PROVENANCE_TYPE, broken)]), 'failed attestation.invalid', JSON.stringify(broken))
  })

  it('judges the newest, both of two that are equally new, and each without a time', () => {
    const [older, newer] = [provenance({finishedAt: ago(2)}), provenance({finishedAt: ago(1)})]
    const bad = defined({externalParameters: {source: SOURCE, debug: true}})
    assert.equal(judged([bad, provenance({finishedAt: ago(0)})]), 'verified')
    assert.equal(judged([older, bad]), 'failed provenance.parameter')
    assert.equal(judged([newer, bad]), 'failed provenance.parameter')
    const predicate = ProvenancePredicate.parse(provenanceSaying())
    const timeless = said(PROVENANCE_TYPE, {
      buildDefinition: {...predicate.buildDefinition, externalParameters: {debug: true}},
      runDetails: {builder: {id: BUILDER}},
    })
    assert.equal(judged([newer, timeless]), 'failed provenance.parameter')
  })

  it('refuses what ended in the future, with five minutes for clocks that differ', () => {
    assert.equal(judged([provenance({finishedAt: ago(-4 / 60)})]), 'verified')
    assert.equal(judged([provenance({finishedAt: ago(-6 / 60)})]), 'failed attestation.invalid')
  })
})
