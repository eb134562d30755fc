import assert from 'node:assert/strict'
import {execFile, execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, realpath, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gatherGit, type GitFacts, type RunGit} from '../../../src/lib/ci/git.ts'

/** The real git, away from the settings of whoever runs the tests. */
const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Grace',
  GIT_AUTHOR_EMAIL: 'grace@example.com',
  GIT_COMMITTER_NAME: 'Web',
  GIT_COMMITTER_EMAIL: 'web@example.com',
}

const runIn =
  (cwd: string): RunGit =>
  (args) =>
    new Promise((done) => {
      execFile('git', [...args], {cwd, env: ENV}, (error, stdout) => {
        done(error === null ? {exitCode: 0, stdout} : typeof error.code === 'number' ? {exitCode: error.code, stdout} : undefined)
      })
    })

describe('gatherGit', () => {
  let root: string
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'hipaa-ci-git-')))
  })
  afterEach(async () => rm(root, {recursive: true}))

  const git = (...args: string[]) => execFileSync('git', args, {cwd: root, env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim()
  const commit = (message: string, email = 'grace@example.com') => {
    git('-c', `user.name=x`, 'commit', '--quiet', '--allow-empty', '--author', `A <${email}>`, '-m', message)
    return git('rev-parse', 'HEAD')
  }
  const gather = async (cwd = root, named?: string): Promise<GitFacts> => {
    const facts = await gatherGit(runIn(cwd), named)
    assert.ok(facts !== undefined)
    return facts
  }

  it('says nothing where there is no repository, and where git cannot be run', async () => {
    assert.equal(await gatherGit(runIn(root)), undefined)
    assert.equal(await gatherGit(() => Promise.resolve(undefined)), undefined)
  })

  it('goes on before the first commit', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    assert.deepEqual(await gather(), {root, ref: 'refs/heads/main', dirty: false, shallow: false, authors: []})
  })

  it('reads commit, branch, remote and authors, also from a folder below', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    git('remote', 'add', 'fork', 'https://example.com/fork.git')
    git('remote', 'add', 'origin', 'https://user:secret@example.com/acme/app.git')
    const id = commit('one\n\nCo-authored-by: Ada <ada@example.com>\nCo-authored-by: Grace <GRACE@example.com>')
    await mkdir(join(root, 'below'))
    assert.deepEqual(await gather(join(root, 'below')), {
      root,
      commit: id,
      ref: 'refs/heads/main',
      remote: 'https://user:secret@example.com/acme/app.git',
      dirty: false,
      shallow: false,
      authors: ['GRACE@example.com', 'ada@example.com'],
    })
  })

  it('takes the only remote, and none of two where neither is origin', async () => {
    git('init', '--quiet')
    git('remote', 'add', 'upstream', 'https://example.com/a/b.git')
    assert.equal((await gather()).remote, 'https://example.com/a/b.git')
    git('remote', 'add', 'fork', 'https://example.com/c/d.git')
    assert.equal((await gather()).remote, undefined)
  })

  it('sees a changed tracked file, and no build output', async () => {
    git('init', '--quiet')
    await writeFile(join(root, 'a'), '1')
    git('add', 'a')
    commit('one')
    await writeFile(join(root, 'output'), 'x')
    assert.equal((await gather()).dirty, false)
    await writeFile(join(root, 'a'), '2')
    assert.equal((await gather()).dirty, true)
  })

  it('takes a tree for changed where git cannot say', async () => {
    git('init', '--quiet')
    commit('one')
    const run = runIn(root)
    const facts = await gatherGit((args) => (args.includes('status') ? Promise.resolve(undefined) : run(args)))
    assert.equal(facts?.dirty, true)
  })

  it('names no branch on a detached head, and looks up the commit that is asked for', async () => {
    git('init', '--quiet')
    const first = commit('one', 'first@example.com')
    const second = commit('two', 'second@example.com')
    git('checkout', '--quiet', '--detach')
    const facts = await gather(root, first)
    assert.deepEqual([facts.ref, facts.commit, facts.authors], [undefined, second, ['first@example.com']])
    assert.deepEqual((await gather(root, 'f'.repeat(40))).authors, [])
    assert.deepEqual((await gather(root, '--output=/tmp/x')).authors, ['second@example.com'])
  })

  it('names who wrote what a merge brought in, and copes with a shallow clone of it', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('base', 'base@example.com')
    git('checkout', '--quiet', '-b', 'topic')
    commit('t1', 'ada@example.com')
    commit('t2', 'mary@example.com')
    git('checkout', '--quiet', 'main')
    git('-c', 'user.name=x', 'merge', '--quiet', '--no-ff', '-m', 'merge', 'topic')
    assert.deepEqual((await gather()).authors.toSorted(), ['ada@example.com', 'mary@example.com'])

    const shallow = join(root, 'shallow')
    git('clone', '--quiet', '--depth', '1', `file://${root}`, shallow)
    const facts = await gather(shallow)
    assert.deepEqual([facts.shallow, facts.authors, facts.authorsPartial], [true, ['grace@example.com'], true])
  })

  it('knows all authors of a commit that merges nothing, also in a shallow clone', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('one', 'base@example.com')
    commit('two', 'ada@example.com')
    const shallow = join(root, 'shallow')
    git('clone', '--quiet', '--depth', '1', `file://${root}`, shallow)
    const facts = await gather(shallow)
    assert.deepEqual([facts.shallow, facts.authors, facts.authorsPartial], [true, ['ada@example.com'], undefined])
  })

  it('says that there may be more authors than it looked at', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('base')
    const run = runIn(root)
    const many = Array.from({length: 200}, (_, at) => `\u001Ex\u001Fa${at}@example.com\u001F`).join('')
    const facts = await gatherGit(async (args) => {
      if (!args.includes('log')) return run(args)
      return {exitCode: 0, stdout: args.includes('--no-merges') ? many : '\u001Ex y\u001Fgrace@example.com\u001F'}
    })
    assert.deepEqual([facts?.authors.length, facts?.authorsPartial], [200, true])
  })

  it('starts no program that the repository names', async () => {
    git('init', '--quiet')
    await writeFile(join(root, 'a'), '1')
    git('add', 'a')
    commit('one')
    const trap = join(root, 'trap.sh')
    await writeFile(trap, `#!/bin/sh\ntouch ${join(root, 'sprung')}\n`, {mode: 0o755})
    git('config', 'core.fsmonitor', trap)
    git('config', 'gpg.program', trap)
    git('config', 'log.showSignature', 'true')
    await writeFile(join(root, 'a'), '2')
    await gather()
    await assert.rejects(stat(join(root, 'sprung')), {code: 'ENOENT'})
  })
})
