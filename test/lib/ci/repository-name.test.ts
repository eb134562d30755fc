import assert from 'node:assert/strict'
import {repositoryName} from '../../../src/lib/ci/repository-name.ts'

describe('repositoryName', () => {
  const cases: [string | undefined, string | undefined][] = [
    ['https://github.com/acme/app.git', 'github.com/acme/app'],
    ['https://GitHub.com/acme/app/', 'github.com/acme/app'],
    ['https://x-access-token:ghs_secret@github.com/acme/app.git', 'github.com/acme/app'],
    ['https://token@gitlab.example.com:8443/group/sub/app.git', 'gitlab.example.com:8443/group/sub/app'],
    ['git@github.com:acme/app.git', 'github.com/acme/app'],
    ['github.com:acme/app', 'github.com/acme/app'],
    ['ssh://git@code.example:22/acme/app.git', 'code.example/acme/app'],
    ['git://code.example/~ada/app', 'code.example/~ada/app'],
    ['https://host.example/a/b?token=secret', 'host.example/a/b'],
    ['/srv/git/app.git', undefined],
    ['../app.git', undefined],
    ['file:///home/ada/app', undefined],
    [String.raw`C:\Users\ada\app`, undefined],
    ['https://host.example', undefined],
    ['https://user:pass word@host/a', 'host/a'],
    ['https://host/a b', undefined],
    ['', undefined],
    [undefined, undefined],
  ]
  for (const [remote, expected] of cases) it(`of ${remote} is ${expected}`, () => assert.equal(repositoryName(remote), expected))
})
