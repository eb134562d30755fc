/** A line that names no command or flag of ours: exit 2 and what was meant, never help with exit 0. */
import assert from 'node:assert/strict'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'

describe('a mistyped line', () => {
  let workspace: Workspace
  before(async () => {
    workspace = await createWorkspace()
  })
  after(async () => workspace.remove())

  const cases: [string[], RegExp][] = [
    [['verfiy', './image'], /unknown command verfiy; did you mean verify\?[^]*→ hipaa-ci verify\n/],
    [['verfiy', '--help'], /unknown command verfiy; did you mean verify\?/],
    [['nonsense'], /unknown command nonsense\n/],
    [['--store', 'x', 'verify'], /unknown flag --store before the name of a command/],
    [['completion', 'bash', '--jsn'], /unknown flag --jsn \(did you mean --json\?\)/],
    [['init', '--systme=x'], /unknown flag --systme \(did you mean --system\?\)/],
    [['init', 'more'], /init takes no argument more|unexpected argument more/],
    [[''], /the name of the command is empty/],
  ]
  for (const [args, expected] of cases)
    it(`is refused: hipaa-ci ${args.join(' ')}`, async () => {
      const {exitCode, stdout, stderr} = await workspace.cli(args)
      assert.deepEqual([exitCode, stdout], [2, ''])
      assert.match(stderr, expected)
    })

  it('is refused as JSON too', async () => {
    const {exitCode, json} = await workspace.cli(['verfiy', '--json'])
    assert.equal(exitCode, 2)
    assert.deepEqual(json, {
      error: {code: 'usage.flag', message: 'unknown command verfiy; did you mean verify?', exitCode: 2, suggestions: ['hipaa-ci verify']},
    })
  })

  it('shows help where it was asked for', async () => {
    for (const args of [[], ['--help'], ['init', '--help'], ['--version']]) assert.equal((await workspace.cli(args)).exitCode, 0, args.join(' '))
  })
})
