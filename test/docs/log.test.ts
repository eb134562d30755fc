/** `docs/log.md` says how to check a proof with openssl and a shell: its commands are run as they stand there. */
import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {run} from '../../src/lib/process.ts'
import {logKey, makeProof} from '../fakes/proof-maker.ts'
import {scratch} from '../scratch.ts'

const page = readFileSync(new URL('../../docs/log.md', import.meta.url), 'utf8')
const [, script = ''] = /```sh\n([^]*?)```/.exec(page) ?? []
const KEY = logKey()

describe('checking a proof by hand', function () {
  this.timeout(60_000)
  const folder = scratch()

  const check = async (proof: string, key = KEY.verifier.text) => {
    writeFileSync(join(folder(), 'proof'), proof)
    writeFileSync(join(folder(), 'key'), `${key}\n`)
    const result = await run(['sh', '-c', script], {cwd: folder(), timeout: 30_000})
    return result.kind === 'exited' ? result : assert.fail(JSON.stringify(result))
  }

  it('shows the record of a proof that holds', async () => {
    for (const [size, at] of [
      [1, 0],
      [2, 1],
      [7, 6],
      [8, 3],
      [11, 8],
    ] as const) {
      const {text, record} = makeProof({key: KEY, size, at})
      const {exitCode, stdout, stderr} = await check(text)
      assert.equal(exitCode, 0, `${at} of ${size}: ${stderr}`)
      assert.ok(stdout.endsWith(`${JSON.stringify(record.record)}\nproven\n`))
    }
  })

  it('stops at a proof that does not', async () => {
    const {text} = makeProof({key: KEY})
    const wrong = [
      [text.replace('\nindex 3\n', '\nindex 2\n')],
      [text.replace('\n7\n', '\n8\n')],
      [makeProof({key: logKey()}).text],
      [text, logKey('ed25519', 'other.example/log').verifier.text],
      [makeProof({key: KEY, leaf: (leaf) => ({...leaf, sha256: '0'.repeat(64)})}).text],
    ] as const
    for (const [proof, key] of wrong) {
      const {exitCode, stdout, stderr} = await check(proof, key)
      assert.notEqual(exitCode, 0)
      assert.doesNotMatch(stdout, /proven|specversion/)
      assert.match(stderr, /NOT PROVEN/)
    }
  })
})
