import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {Actor, Change} from '../../../src/lib/evidence/schema.ts'
import {Code, Name, Uri} from '../../../src/lib/evidence/primitives.ts'
import {ciFacts, claimedCommit} from '../../../src/lib/ci/facts.ts'
import type {GitFacts} from '../../../src/lib/ci/git.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const HOST = {name: 'loom', user: 'ada'}
const GIT: GitFacts = {
  root: '/src/app',
  commit: COMMIT,
  ref: 'refs/heads/main',
  remote: 'git@github.com:acme/app.git',
  dirty: false,
  shallow: false,
  authors: ['grace@example.com'],
}
const GRACE = {id: 'grace@example.com', issuer: 'git', basis: 'claimed'} as const

/** Invented, in the form that the platform's documentation gives. */
const GITHUB = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'ada',
  GITHUB_TRIGGERING_ACTOR: 'mary',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_JOB: 'build_image',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '1658821493',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_SHA: COMMIT,
  GITHUB_WORKFLOW: 'Build',
  GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/build.yml@refs/heads/main',
}
const GITLAB = {
  CI: 'true',
  GITLAB_CI: 'true',
  CI_SERVER_URL: 'https://gitlab.example.com',
  CI_PROJECT_PATH: 'health/app',
  CI_COMMIT_SHA: COMMIT,
  CI_COMMIT_REF_NAME: 'main',
  CI_COMMIT_TAG: '',
  CI_JOB_NAME: 'build: [linux, amd64]',
  CI_PIPELINE_SOURCE: 'push',
  CI_PIPELINE_URL: 'https://gitlab.example.com/health/app/-/pipelines/42',
  CI_CONFIG_PATH: '',
  GITLAB_USER_LOGIN: 'ada',
}

describe('ciFacts', () => {
  it('reads GitHub Actions', () => {
    assert.deepEqual(ciFacts(GITHUB, GIT, HOST), {
      platform: 'github-actions',
      ci: true,
      source: 'github.com/acme/app#.github/workflows/build.yml',
      job: 'build_image',
      runUrl: 'https://github.com/acme/app/actions/runs/1658821493',
      actor: {
        human: {id: 'mary', issuer: 'https://github.com', basis: 'claimed'},
        workload: {id: GITHUB.GITHUB_WORKFLOW_REF, issuer: 'https://github.com', basis: 'claimed'},
      },
      change: {repository: 'github.com/acme/app', commit: COMMIT, ref: 'refs/heads/main', authors: [GRACE]},
    })
  })

  it('gives a rerun a job of its own', () => assert.equal(ciFacts({...GITHUB, GITHUB_RUN_ATTEMPT: '2'}, GIT, HOST).job, 'build_image#2'))

  it('names no person where none acted', () => {
    assert.equal(ciFacts({...GITHUB, GITHUB_EVENT_NAME: 'schedule'}, GIT, HOST).actor.human, undefined)
    assert.equal(ciFacts({...GITHUB, GITHUB_TRIGGERING_ACTOR: 'renovate[bot]'}, GIT, HOST).actor.human, undefined)
    assert.equal(ciFacts({...GITLAB, CI_PIPELINE_SOURCE: 'schedule'}, GIT, HOST).actor.human, undefined)
    assert.equal(ciFacts({...GITLAB, GITLAB_USER_LOGIN: 'project_12_bot_9f'}, GIT, HOST).actor.human, undefined)
  })

  it('reads GitHub Enterprise, and goes on where variables are empty', () => {
    const facts = ciFacts(
      {...GITHUB, GITHUB_SERVER_URL: 'https://code.hospital.example', GITHUB_WORKFLOW_REF: '', GITHUB_TRIGGERING_ACTOR: '', GITHUB_RUN_ID: ''},
      undefined,
      HOST,
    )
    assert.equal(facts.source, 'code.hospital.example/acme/app#Build')
    assert.equal(facts.actor.human?.id, 'ada')
    assert.equal(facts.actor.workload, undefined)
    assert.equal(facts.runUrl, undefined)
    assert.deepEqual(facts.change.authors, [])
  })

  it('reads GitLab CI', () => {
    assert.deepEqual(ciFacts(GITLAB, GIT, HOST), {
      platform: 'gitlab-ci',
      ci: true,
      source: 'gitlab.example.com/health/app#.gitlab-ci.yml',
      job: 'build-linux-amd64',
      runUrl: 'https://gitlab.example.com/health/app/-/pipelines/42',
      actor: {
        human: {id: 'ada', issuer: 'https://gitlab.example.com', basis: 'claimed'},
        workload: {id: 'gitlab.example.com/health/app//.gitlab-ci.yml@refs/heads/main', issuer: 'https://gitlab.example.com', basis: 'claimed'},
      },
      change: {repository: 'gitlab.example.com/health/app', commit: COMMIT, ref: 'refs/heads/main', authors: [GRACE]},
    })
  })

  it('tells tags, merge requests and branches of GitLab apart, and prefers its own words', () => {
    assert.equal(ciFacts({...GITLAB, CI_COMMIT_TAG: 'v1', CI_COMMIT_REF_NAME: 'v1'}, GIT, HOST).change.ref, 'refs/tags/v1')
    assert.equal(ciFacts({...GITLAB, CI_MERGE_REQUEST_REF_PATH: 'refs/merge-requests/7/head'}, GIT, HOST).change.ref, 'refs/merge-requests/7/head')
    const uri = 'gitlab.example.com/templates//ci.yml@refs/heads/main'
    assert.equal(ciFacts({...GITLAB, CI_CONFIG_REF_URI: uri}, GIT, HOST).actor.workload?.id, uri)
  })

  it('reads a workstation', () => {
    assert.deepEqual(ciFacts({CI: ''}, GIT, HOST), {
      platform: 'workstation',
      ci: false,
      source: 'workstation#loom',
      actor: {human: {id: 'ada', issuer: 'loom', basis: 'claimed'}},
      change: {repository: 'github.com/acme/app', commit: COMMIT, ref: 'refs/heads/main', authors: [GRACE]},
    })
    assert.deepEqual(ciFacts({}, undefined, HOST).change, {authors: []})
    assert.equal(ciFacts({}, {...GIT, dirty: true}, HOST).dirty, true)
  })

  it('says where authors are missing: more than a record holds, or than git could see', () => {
    const authors = Array.from({length: 65}, (_, at) => `a${at}@example.com`)
    for (const env of [GITHUB, GITLAB, {}]) {
      assert.equal(ciFacts(env, {...GIT, authors}, HOST).authorsPartial, true)
      assert.equal(ciFacts(env, {...GIT, authorsPartial: true}, HOST).authorsPartial, true)
      assert.equal(ciFacts(env, {...GIT, authors: authors.slice(1)}, HOST).authorsPartial, undefined)
    }
  })

  it('knows other platforms by name, and no person on them', () => {
    const facts = ciFacts({JENKINS_URL: 'https://ci.example', BUILD_ID: '7'}, GIT, HOST)
    assert.deepEqual([facts.platform, facts.ci, facts.source, facts.actor], ['jenkins', true, 'github.com/acme/app#jenkins', {}])
    assert.equal(ciFacts({CIRCLECI: 'true'}, GIT, HOST).platform, 'circle')
    assert.equal(ciFacts({NODE: '/app/.heroku/node/bin/node'}, GIT, HOST).platform, 'heroku')
    assert.equal(ciFacts({CI_NAME: 'codeship'}, GIT, HOST).platform, 'codeship')
    assert.equal(ciFacts({CI: 'true'}, undefined, HOST).source, 'ci#loom')
    assert.equal(ciFacts({CI: 'false', CIRCLECI: 'true'}, GIT, HOST).platform, 'workstation')
  })

  it('looks up the authors of the commit that the platform names', () => {
    assert.equal(claimedCommit(GITHUB), COMMIT)
    assert.equal(claimedCommit(GITLAB), COMMIT)
    assert.equal(claimedCommit({}), undefined)
  })

  it('always fits the record, whatever the variables hold', () => {
    const text = fc.oneof(fc.string({unit: 'binary', maxLength: 600}), fc.constantFrom('', 'https://user:secret@host/', COMMIT, '../..', 'a'.repeat(2000)))
    const names = [...Object.keys(GITHUB), ...Object.keys(GITLAB)]
    const env = fc.dictionary(fc.constantFrom(...names), text)
    const base = fc.constantFrom(GITHUB, GITLAB, {})
    const git = fc.option(
      fc.record({
        root: text,
        commit: fc.constant(COMMIT),
        ref: fc.constant('refs/heads/x'),
        remote: text,
        dirty: fc.boolean(),
        shallow: fc.boolean(),
        authors: fc.array(text, {maxLength: 80}),
      }),
      {nil: undefined},
    )
    fc.assert(
      fc.property(base, env, git, fc.record({name: text, user: text}), (real, hostile, facts, host) => {
        const found = ciFacts({...real, ...hostile}, facts, host)
        Actor.parse(found.actor)
        Change.parse(found.change)
        Name.parse(found.source)
        if (found.job !== undefined) Code.parse(found.job)
        if (found.runUrl !== undefined) Uri.parse(found.runUrl)
        assert.ok(!JSON.stringify(found.change.repository ?? '').includes('secret'))
        assert.ok(!(found.runUrl ?? '').includes('secret'))
      }),
      {numRuns: 300},
    )
  })
})
