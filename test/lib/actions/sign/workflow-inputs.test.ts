import assert from 'node:assert/strict'
import {workflowInputs} from '../../../../src/lib/actions/sign/workflow-inputs.ts'
import {githubJob} from '../../../../src/lib/ci/github-job.ts'
import {gitlabJob} from '../../../../src/lib/ci/gitlab-job.ts'
import {verifiedFacts} from '../../../../src/lib/ci/verified-facts.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {FACTS} from '../../../fakes/recorder-parts.ts'
import {GITHUB_CLAIMS, GITLAB_CLAIMS} from '../../identity/claims.ts'

const on = (event: string) => verifiedFacts(FACTS, githubJob({...GITHUB_CLAIMS, event_name: event}, 'https://token.actions.githubusercontent.com'))

/** A job whose event is `payload`; undefined: whose event cannot be read. */
const inputs = async (event: string, declared: readonly string[] = [], payload?: unknown, env = '/event.json') =>
  workflowInputs(
    on(event),
    declared,
    quietContext({
      variable: (name) => (name === 'GITHUB_EVENT_PATH' ? env : undefined),
      files: {
        async read(path) {
          if (payload === undefined) throw new AppError('usage.input', `cannot read ${path}`)
          return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
        },
        exists: async () => true,
      },
    }),
  )

describe('the inputs of a workflow', () => {
  it('are those of its event, whatever their types', async () => {
    assert.deepEqual(await inputs('workflow_dispatch', [], {inputs: {target: 'release', fast: true, jobs: 4, none: null}}), {
      target: 'release',
      fast: true,
      jobs: 4,
    })
    assert.deepEqual(await inputs('workflow_dispatch', [], {inputs: null}), {})
    assert.deepEqual(await inputs('repository_dispatch', [], {client_payload: {deep: {a: [1]}}}), {deep: '{"a":[1]}'})
  })

  it('are none on an event that brings none, and its payload is not looked at', async () => {
    assert.deepEqual(await inputs('push'), {})
  })

  it('are more where somebody says so', async () => {
    assert.deepEqual(await inputs('push', ['target=release', 'flags=-O2 a=b', 'empty=']), {target: 'release', flags: '-O2 a=b', empty: ''})
    assert.deepEqual(await inputs('workflow_dispatch', ['target=release'], {inputs: {target: 'release'}}), {target: 'release'})
  })

  it('keep names that objects have by themselves', async () => {
    assert.deepEqual(Object.entries(await inputs('push', ['constructor=a', '__proto__=b'])), [
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ])
  })

  it('are not said to be other than they were', async () => {
    await assert.rejects(inputs('workflow_dispatch', ['target=test'], {inputs: {target: 'release'}}), {code: 'usage.flag'})
    await assert.rejects(inputs('push', ['a=1', 'a=2']), {code: 'usage.flag'})
    for (const bad of ['target', '=x', '1a=x', 'a b=x', '']) await assert.rejects(inputs('push', [bad]), {code: 'usage.flag'}, bad)
  })

  it('stop the command where the event should say them and cannot be read', async () => {
    await assert.rejects(inputs('workflow_dispatch'), {code: 'usage.input'})
    await assert.rejects(inputs('workflow_dispatch', [], {}, ''), {code: 'usage.input', message: /GITHUB_EVENT_PATH/})
    for (const odd of ['', '[]', 'null', {inputs: 'x'}, {inputs: ['x']}])
      await assert.rejects(inputs('workflow_dispatch', [], odd), {code: 'usage.input'}, JSON.stringify(odd))
  })

  it('hold no secret and no PHI, by value or by name, and none is shown', async () => {
    for (const declared of [`token=ghp_${'a1B2'.repeat(9)}`, 'subject=078-05-1120', 'patient_mrn=A1234567'])
      await assert.rejects(inputs('push', [declared]), (error: unknown) => {
        assert.ok(error instanceof AppError && error.code === 'redaction.failed', declared)
        assert.equal(error.message.includes(declared.split('=')[1] ?? ''), false)
        return true
      })
  })

  it('belong to a job that a platform vouches for', async () => {
    assert.deepEqual(await workflowInputs(FACTS, [], quietContext()), {})
    await assert.rejects(workflowInputs(FACTS, ['target=release'], quietContext()), {code: 'usage.flag'})
    const gitlab = verifiedFacts(FACTS, gitlabJob(GITLAB_CLAIMS, 'https://gitlab.example.com'))
    assert.deepEqual(await workflowInputs(gitlab, ['target=release'], quietContext()), {target: 'release'})
  })
})
