/**
 * A way around admission that no server of ours sees (18): Gatekeeper holds a template that it cannot compile. The webhook
 * is there and answers, and nothing is asked. What install says to type waits in vain, and the canary's first offer tells.
 */
import assert from 'node:assert/strict'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {spawn} from 'node:child_process'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {parse} from 'yaml'
import {builtTool} from '../../scripts/built-tool.ts'
import {BIN} from '../e2e/workspace.ts'
import {ended} from '../program.ts'
import {ENGINEER, eventually, podText} from './apply-installed.ts'
import {BAD, installOnCluster, SENTENCE, type InstalledCluster} from './install-on-cluster.ts'
import {ADMIN} from './start-cluster.ts'

const TEMPLATE = 'constrainttemplate/hipaaciimages'

interface Template {
  readonly spec: {readonly targets: {readonly code: {readonly source: {rego: string}}[]}[]}
}

describe('a constraint template that does not compile', function () {
  this.timeout(180_000)
  let cluster: InstalledCluster
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-template-'))
    cluster = await installOnCluster()
  })
  after(async () => {
    await cluster?.stop()
    rmSync(folder, {recursive: true, force: true})
  })

  /** The built program offers one pod. */
  const canary = async () => {
    const argv = ['admission', 'canary', '--cluster=test', '--namespace=hipaa-ci-canary', '--policy=hipaa-ci.yaml', '--once', '--json']
    const child = spawn(process.execPath, [BIN, ...argv, `--store=folder:${join(folder, 'store')}`], {
      cwd: join(dirname(cluster.folder), 'policy'),
      env: {PATH: dirname(builtTool('kubectl')), HOME: folder, KUBECONFIG: cluster.keys.kubeconfig(ADMIN)},
    })
    const {code, stdout, stderr} = await ended(child)
    return {code, answer: (JSON.parse(stdout || '{}') as {last?: {answer?: string}}).last?.answer, stderr}
  }
  /** What install says to type, for as long as a test waits. The constraints alone would not do: they stay `enforced` under a broken template. */
  const waits = async (what: '.created}' | '.enforced}', seconds: number) => {
    const step = cluster.next.find((line) => line.includes(what)) ?? assert.fail('install says nothing of it')
    const argv = step
      .replaceAll("'", '')
      .replace(/--timeout=\d+s/, `--timeout=${seconds}s`)
      .split(' ')
    assert.equal(argv.shift(), 'kubectl')
    return cluster.kubectl(ADMIN, argv)
  }
  const probe = async () => cluster.kubectl(ENGINEER, ['create', '--dry-run=server', '-f', '-'], podText('probe', BAD))
  const templateWith = (change: (rego: string) => string) => {
    const template = parse(readFileSync(join(cluster.folder, 'constraint-template.yaml'), 'utf8')) as Template
    for (const {code} of template.spec.targets) for (const {source} of code) source.rego = change(source.rego)
    return JSON.stringify(template)
  }

  it('is not what install leaves: the constraints are enforced, and the canary is refused', async () => {
    assert.equal((await waits('.created}', 60)).code, 0)
    const {code, stdout, stderr} = await waits('.enforced}', 60)
    assert.equal(code, 0, stderr)
    for (const name of ['hipaa-ci-images', 'hipaa-ci-images-warn', 'hipaa-ci-images-advice']) assert.ok(stdout.includes(`/${name} condition met`), stdout)
    const {answer, stderr: said} = await canary()
    assert.equal(answer, 'refused', said)
  })

  it('is told (18): Gatekeeper says so in its status alone, the canary by its first offer, and what was waited for does not come', async () => {
    await cluster.must(
      ['apply', '-f', '-'],
      templateWith((rego) => `${rego}\nthis does not compile`),
    )
    const errors = async () => (await cluster.must(['get', TEMPLATE, '-o', 'jsonpath={.status.byPod[*].errors[*].message}'])).trim()
    assert.ok(await eventually(async () => (await errors()) !== ''))
    // A Gatekeeper that starts now has nothing else.
    await cluster.gatekeeper.stop()
    await cluster.gatekeeper.start()
    assert.equal((await probe()).code, 0, 'this is the way around: it is let in')
    const {code, answer, stderr} = await canary()
    assert.deepEqual([code, answer], [1, 'admitted'], stderr)
    assert.match((await waits('.created}', 2)).stderr, /timed out/)
  })

  it('ends with a template that does', async () => {
    await cluster.must(
      ['apply', '-f', '-'],
      templateWith((rego) => rego),
    )
    assert.ok(await eventually(async () => (await probe()).stderr.includes(SENTENCE)))
    assert.equal((await waits('.created}', 60)).code, 0)
    assert.equal((await canary()).answer, 'refused')
  })
})
