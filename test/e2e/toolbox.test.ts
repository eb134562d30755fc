/** The real tools, as they are found on this machine: each in an allowed version, with the digest of the very file. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {pipeline} from 'node:stream/promises'
import {run} from '../../src/lib/process.ts'
import {createLocate} from '../../src/lib/toolbox/locate.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {TOOL_NAMES, TOOL_PINS, judgeVersion} from '../../src/lib/tools/versions.ts'

describe('the real tools', () => {
  let work: string
  before(async () => (work = await mkdtemp(join(tmpdir(), 'hipaa-ci-tools-'))))
  after(async () => rm(work, {recursive: true, force: true}))

  for (const name of TOOL_NAMES)
    it(`${name} is there, answers, and is who it says`, async function () {
      this.timeout(60_000)
      const {env} = process
      const found = await createLocate({cwd: work, env}, run)(name)
      assert.deepEqual(judgeVersion(TOOL_PINS[name], found.version), {kind: 'allowed'})
      const hash = createHash('sha256')
      await pipeline(createReadStream(found.real), hash)
      // Semgrep's digest is that of its engine, not of the script that starts it.
      assert.equal(found.sha256 === hash.digest('hex'), name !== 'semgrep')

      const help = {
        tool: name,
        answers: [0],
        outputs: [],
        argv: () => ['--help'],
        parse: ({stdout, stderr}: {stdout: string; stderr: string}) => stdout + stderr,
      }
      const {value, tool} = await createRunTool({cwd: work, env})(help, undefined)
      assert.match(value, new RegExp(name, 'i'))
      assert.deepEqual(tool, {name, version: found.version, sha256: found.sha256})
    })
})
