/** Provenance says what a token proved, in the platform's own words where there are some, and nothing that nobody vouches for. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {githubJob} from '../../../src/lib/ci/github-job.ts'
import {gitlabJob} from '../../../src/lib/ci/gitlab-job.ts'
import {verifiedFacts} from '../../../src/lib/ci/verified-facts.ts'
import type {CiFacts} from '../../../src/lib/ports/context.ts'
import {GITHUB_BUILD_TYPE, GITLAB_BUILD_TYPE, LOCAL_BUILD_TYPE, parameterFault, sourceOf, WORKFLOW_BUILD_TYPE} from '../../../src/lib/predicates/build-types.ts'
import {changeAuthors, ProvenancePredicate, provenancePredicate, type WorkflowInputs} from '../../../src/lib/predicates/provenance.ts'
import {COMMIT, GITHUB_CLAIMS, GITLAB_CLAIMS} from '../identity/claims.ts'

const TIME = '2026-06-15T12:00:00.000Z'
const FACTS: CiFacts = {platform: 'gitlab-ci', ci: true, source: 'team/app#build', actor: {}, change: {authors: []}}
const GRACE = {id: 'grace@example.com', issuer: 'git', basis: 'claimed'} as const
const ADA = {id: 'ada', issuer: 'https://github.com', basis: 'token'} as const
const ISSUER = 'https://token.actions.githubusercontent.com'

const predicateOf = (facts: CiFacts, inputs: WorkflowInputs = {}): unknown =>
  JSON.parse(JSON.stringify(provenancePredicate({facts, inputs, runId: '01JXS800000000000000000001', statedAt: TIME, toolVersion: '0.0.0', byproducts: []})))
const read = (facts: CiFacts, inputs?: WorkflowInputs) => ProvenancePredicate.parse(predicateOf(facts, inputs))
const onGithub = (claims: object = {}, more: Partial<CiFacts> = {}): CiFacts =>
  verifiedFacts({...FACTS, change: {authors: [GRACE]}, ...more}, githubJob({...GITHUB_CLAIMS, ...claims}, ISSUER))
const onGitlab = (): CiFacts => verifiedFacts({...FACTS, change: {authors: [GRACE]}}, gitlabJob(GITLAB_CLAIMS, 'https://gitlab.example.com'))

describe('provenance without a verified identity', () => {
  it('claims no more than an unverified builder', () => {
    const {buildDefinition, runDetails} = read(FACTS)
    assert.equal(runDetails.builder.id, 'urn:hipaa-ci:builder:gitlab-ci/unverified')
    assert.equal(buildDefinition.buildType, LOCAL_BUILD_TYPE)
    assert.equal(runDetails.metadata?.finishedOn, TIME)
  })

  it('names the source as git does, or as the platform does where there is no git', () => {
    assert.deepEqual(read(FACTS).buildDefinition.externalParameters, {source: 'team/app#build'})
    const change = {repository: 'git.example/team/app', ref: 'refs/tags/v1', commit: 'a'.repeat(40), authors: []}
    const {externalParameters, resolvedDependencies} = read({...FACTS, change}).buildDefinition
    assert.deepEqual(externalParameters, {source: 'git+https://git.example/team/app@refs/tags/v1', ref: 'refs/tags/v1'})
    assert.deepEqual(resolvedDependencies, [{uri: 'git+https://git.example/team/app@refs/tags/v1', digest: {gitCommit: 'a'.repeat(40)}}])
  })

  it('names neither commit nor authors of a tree that is not that commit', () => {
    const {buildDefinition} = read({...FACTS, change: {commit: COMMIT, authors: [GRACE]}, dirty: true})
    assert.deepEqual([buildDefinition.resolvedDependencies, buildDefinition.internalParameters], [[], {platform: 'gitlab-ci', dirty: true}])
  })
})

describe('provenance of a verified job', () => {
  it("follows GitHub's published build type, member by member", () => {
    assert.deepEqual(predicateOf(onGithub()), {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {workflow: {ref: 'refs/heads/main', repository: 'https://github.com/acme/app', path: '.github/workflows/release.yml'}},
        internalParameters: {
          github: {event_name: 'push', repository_id: '74', repository_owner_id: '65', runner_environment: 'github-hosted'},
          hipaa_ci_change: {authors: [GRACE], actor: ADA},
        },
        resolvedDependencies: [{uri: 'git+https://github.com/acme/app@refs/heads/main', digest: {gitCommit: COMMIT}}],
      },
      runDetails: {
        builder: {id: 'https://github.com/acme/builders/.github/workflows/secure-build.yml@refs/tags/v3', version: {'hipaa-ci': '0.0.0'}},
        metadata: {invocationId: 'https://github.com/acme/app/actions/runs/1658821493/attempts/2', finishedOn: TIME},
        byproducts: [],
      },
    })
  })

  it('uses our own build type for everything that one has no place for', () => {
    const typeOf = (facts: CiFacts, inputs?: WorkflowInputs) => read(facts, inputs).buildDefinition.buildType
    for (const event of ['create', 'release', 'push', 'workflow_dispatch']) assert.equal(typeOf(onGithub({event_name: event})), WORKFLOW_BUILD_TYPE, event)
    for (const event of ['pull_request', 'schedule', 'repository_dispatch', 'workflow_run'])
      assert.equal(typeOf(onGithub({event_name: event})), GITHUB_BUILD_TYPE, event)
    assert.equal(typeOf(onGithub(), {target: 'release'}), GITHUB_BUILD_TYPE)
    assert.deepEqual(read(onGithub(), {target: 'release', fast: true, jobs: 4}).buildDefinition.externalParameters['inputs'], {
      target: 'release',
      fast: true,
      jobs: 4,
    })
  })

  it('names the source apart where the workflow is not from there', () => {
    const {buildDefinition} = read(onGithub({workflow_ref: 'acme/policy/.github/workflows/required.yml@refs/heads/main'}))
    assert.deepEqual(buildDefinition.externalParameters, {
      workflow: {ref: 'refs/heads/main', repository: 'https://github.com/acme/policy', path: '.github/workflows/required.yml'},
      source: 'git+https://github.com/acme/app@refs/heads/main',
    })
    assert.equal(sourceOf(buildDefinition), 'git+https://github.com/acme/app@refs/heads/main')
  })

  it('has a build type of its own for GitLab', () => {
    const {buildDefinition, runDetails} = read(onGitlab(), {target: 'release'})
    assert.equal(buildDefinition.buildType, GITLAB_BUILD_TYPE)
    assert.deepEqual(buildDefinition.externalParameters, {
      pipeline: {ref: 'refs/heads/main', repository: 'https://gitlab.example.com/health/app', path: '.gitlab-ci.yml'},
      inputs: {target: 'release'},
    })
    assert.equal(runDetails.builder.id, 'https://gitlab.example.com/health/app//.gitlab-ci.yml@refs/heads/main')
    assert.equal(sourceOf(buildDefinition), 'git+https://gitlab.example.com/health/app@refs/heads/main')
  })

  it('says where the checkout differs from its commit', () => {
    assert.equal(read(onGithub({}, {dirty: true})).buildDefinition.internalParameters?.['hipaa_ci_dirty'], true)
  })

  it('is known to the check that reads it, whatever the job was', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
    const claims = fc.record({
      event_name: fc.constantFrom('push', 'pull_request', 'workflow_dispatch', 'schedule'),
      ref: fc.tuple(fc.constantFrom('heads', 'tags'), word).map(([kind, at]) => `refs/${kind}/${at}`),
      workflow_ref: fc.tuple(word, word).map(([repository, file]) => `acme/${repository}/.github/workflows/${file}.yml@refs/heads/main`),
    })
    fc.assert(
      fc.property(claims, fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean()), {maxKeys: 3}), (said, inputs) => {
        const {buildDefinition} = read(onGithub(said), inputs)
        assert.equal(parameterFault(buildDefinition, Object.keys(inputs)), undefined)
        assert.equal(sourceOf(buildDefinition), `git+https://github.com/acme/app@${said.ref}`)
      }),
    )
  })
})

describe('the authors of a change', () => {
  it('are those whom git names, and who started the run', () => {
    assert.deepEqual(changeAuthors(predicateOf(onGithub())), [GRACE, ADA])
    assert.deepEqual(changeAuthors(predicateOf({...FACTS, change: {authors: [GRACE]}})), [GRACE])
    assert.deepEqual(changeAuthors(predicateOf(onGithub({event_name: 'schedule'}))), [GRACE])
  })

  it('are not known where some may be missing, or where the predicate does not say', () => {
    assert.equal(changeAuthors(predicateOf(onGithub({}, {authorsPartial: true}))), undefined)
    assert.equal(changeAuthors(predicateOf(onGithub({}, {change: {authors: []}}))), undefined)
    assert.equal(changeAuthors(predicateOf(FACTS)), undefined)
    for (const other of [undefined, null, 7, {}, []]) assert.equal(changeAuthors(other), undefined)
  })

  it('are not known where they are not said as we say them', () => {
    const saying = (change: unknown) => ({
      buildDefinition: {buildType: LOCAL_BUILD_TYPE, externalParameters: {}, internalParameters: {hipaa_ci_change: change}},
      runDetails: {builder: {id: 'x'}},
    })
    assert.deepEqual(changeAuthors(saying({authors: [GRACE]})), [GRACE])
    for (const change of [
      {},
      {authors: []},
      {authors: [GRACE, {}]},
      {authors: [{...GRACE, basis: 'sworn'}]},
      {authors: [GRACE], actor: 'ada'},
      {authors: [GRACE], more: 1},
    ])
      assert.equal(changeAuthors(saying(change)), undefined, JSON.stringify(change))
  })
})
