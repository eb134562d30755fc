/**
 * What git knows of the working folder. Asks only; starts nothing itself.
 *
 * The folder may be a stranger's: its configuration must not start programs
 * (file system monitor, hooks, signature checks), and locks are not taken.
 */
import {commitId, name} from './claims.ts'

interface GitAnswer {
  readonly exitCode: number
  readonly stdout: string
}

/** Runs git in the working folder; undefined where it could not be run or did not end by itself. */
export type RunGit = (args: readonly string[]) => Promise<GitAnswer | undefined>

export interface GitFacts {
  /** Absolute path of the top of the working tree. */
  readonly root: string
  /** Absent before the first commit. */
  readonly commit?: string
  /** `refs/heads/main`; absent on a detached head. */
  readonly ref?: string
  /** As configured. It may hold credentials: only `repositoryName` of it may be shown. */
  readonly remote?: string
  /** Tracked files differ from the commit. */
  readonly dirty: boolean
  readonly shallow: boolean
  /** E-mail addresses of who wrote the commit; of a merge, of who wrote what it brought in. */
  readonly authors: readonly string[]
  /** There may be more authors: a merge reaches beyond a shallow clone, or too far. */
  readonly authorsPartial?: boolean
}

const SAFE = ['--no-pager', '--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false']
const LOG_FORMAT = '--format=%x1e%P%x1f%ae%x1f%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x1f)'
const MOST_COMMITS = 200

/**
 * Undefined where the folder is under no version control, or git is not there.
 * @param commit whose authors are looked up, where it is not the head
 */
export async function gatherGit(run: RunGit, commit?: string): Promise<GitFacts | undefined> {
  const ask = async (...args: readonly string[]): Promise<string | undefined> => {
    const answer = await run([...SAFE, ...args])
    return answer?.exitCode === 0 ? answer.stdout : undefined
  }
  const [root = '', shallow] = ((await ask('rev-parse', '--show-toplevel', '--is-shallow-repository')) ?? '').split('\n')
  if (root === '') return undefined
  const [status, remotes, authors] = await Promise.all([
    ask('status', '--porcelain=2', '--branch', '--no-ahead-behind', '--untracked-files=no', '--ignore-submodules=none', '--no-renames'),
    ask('config', '--null', '--get-regexp', String.raw`^remote\..*\.url$`),
    authorsOf(ask, commitId(commit) ?? 'HEAD', shallow === 'true'),
  ])
  const lines = status?.split('\n')
  const id = commitId(header(lines, 'branch.oid'))
  const branch = header(lines, 'branch.head')
  const ref = branch === undefined || branch === '(detached)' ? undefined : name(`refs/heads/${branch}`)
  const remote = chosenRemote(remotes ?? '')
  return {
    root,
    ...(id !== undefined && {commit: id}),
    ...(ref !== undefined && {ref}),
    ...(remote !== undefined && {remote}),
    // Where git cannot say, the tree does not count as clean.
    dirty: lines === undefined || lines.some((line) => line !== '' && !line.startsWith('# ')),
    shallow: shallow === 'true',
    ...authors,
  }
}

/** Of `git status --porcelain=2`: `# branch.head main`. */
function header(lines: readonly string[] | undefined, key: string): string | undefined {
  return lines?.find((line) => line.startsWith(`# ${key} `))?.slice(key.length + 3)
}

type Ask = (...args: readonly string[]) => Promise<string | undefined>

async function authorsOf(ask: Ask, commit: string, shallow: boolean): Promise<Pick<GitFacts, 'authors' | 'authorsPartial'>> {
  const log = async (...args: string[]) => ((await ask('log', '--no-show-signature', '--no-mailmap', LOG_FORMAT, ...args)) ?? '').split('\u001E').slice(1)
  const [own] = await log('--max-count=1', commit)
  if (own === undefined) return {authors: []}
  const isMerge = shallow ? await mergesInSpiteOf(ask, commit) : (own.split('\u001F')[0] ?? '').includes(' ')
  const merged = isMerge ? await log('--no-merges', `--max-count=${MOST_COMMITS}`, `${commit}^1..${commit}`) : []
  const people = (merged.length > 0 ? merged : [own]).flatMap((entry) => {
    const [, author = '', ...others] = entry.split('\u001F')
    return [author, ...others.map((other) => /<([^<>]+)>/.exec(other)?.[1] ?? '')].map((address) => address.trim())
  })
  const distinct = new Map(people.filter((address) => address !== '').map((address) => [address.toLowerCase(), address]))
  const isPartial = (isMerge && shallow) || merged.length === MOST_COMMITS
  return {authors: [...distinct.values()], ...(isPartial && {authorsPartial: true})}
}

/** Where a clone ends, git shows a merge without its parents; the commit itself still names them. */
async function mergesInSpiteOf(ask: Ask, commit: string): Promise<boolean> {
  const raw = (await ask('cat-file', 'commit', commit)) ?? ''
  const [head = ''] = raw.split('\n\n')
  return raw === '' || head.split('\n').filter((line) => line.startsWith('parent ')).length > 1
}

/** `origin`, else the only one. Two others say nothing about where this comes from. */
function chosenRemote(listing: string): string | undefined {
  const remotes = listing.split('\0').flatMap((entry) => {
    const [, key, url] = /^remote\.(.+)\.url\n(.+)$/s.exec(entry) ?? []
    return key === undefined || url === undefined ? [] : [{key, url}]
  })
  return remotes.find(({key}) => key === 'origin')?.url ?? (remotes.length === 1 ? remotes[0]?.url : undefined)
}
