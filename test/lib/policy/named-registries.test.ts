import assert from 'node:assert/strict'
import {isNamedRegistry, namesRegistry} from '../../../src/lib/policy/named-registries.ts'

const rule = (match: string) => ({match, digests: [`sha256:${'a'.repeat(64)}`], 'approved-by': 'platform-team', until: '2026-12-31'})
const policy = {
  environments: {production: {repository: 'registry.example:5000/prod/api'}, nowhere: {}},
  images: [rule('*.dkr.ecr.*.amazonaws.com/eks/*'), rule('cgr.dev/vendor/one'), rule('*.*/any/*'), rule('*/any/*')],
}

describe('the registries that a policy names', () => {
  it('are those of its repositories and of its rules, by host and port', () => {
    for (const repository of ['registry.example:5000/any/thing', '1.dkr.ecr.eu-west-1.amazonaws.com/x', 'cgr.dev/other'])
      assert.equal(isNamedRegistry(repository, policy), true, repository)
  })

  it('are no others, however much they look like one', () => {
    for (const repository of [
      'registry.example/prod/api',
      'registry.example:5001/prod/api',
      'evil.registry.example:5000/prod/api',
      'registry.example:5000.evil.example/prod/api',
      '169.254.169.254/eks/api',
      'kubernetes.default/eks/api',
      'evil.dev/vendor/one',
      'dkr.ecr.eu-west-1.amazonaws.com.evil.example/eks/api',
      'localhost/any/thing',
      'cgr.dev',
      '',
    ])
      assert.equal(isNamedRegistry(repository, policy), false, repository)
  })

  it('are not named by a pattern that leaves open whose they are', () => {
    for (const match of ['*/x', '*.*/x', '*.com/x', 'registry.*/x', 'a.b.c*/x', '**/x', 'registry*.example.*/x', '*:5000/x'])
      assert.equal(namesRegistry(match), false, match)
    for (const match of ['*.example.com/x', 'localhost:5000/x', 'registry.example/**', '10.0.0.1:5000/*']) assert.equal(namesRegistry(match), true, match)
  })
})
