import assert from 'node:assert/strict'
import {verifyProof} from '../../../../src/lib/actions/ledger/verify-proof.ts'
import {renderVerifyProof} from '../../../../src/lib/cli/render/verify-proof.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {logKey, makeProof, ORIGIN} from '../../../fakes/proof-maker.ts'

const KEY = logKey()
const GOOD = makeProof({key: KEY})
const withCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

const verify = async (contents: Readonly<Record<string, string>>, keys: readonly string[] = [KEY.verifier.text], origin?: string) =>
  verifyProof(
    {files: Object.keys(contents).filter((name) => !name.startsWith('key')), keys, ...(origin !== undefined && {origin})},
    {
      cwd: '/empty',
      files: {
        exists: async () => false,
        async read(path) {
          const text = contents[path.replace('/empty/', '')]
          if (text === undefined) throw new AppError('usage.input', `there is no file ${path}`)
          return Buffer.from(text)
        },
      },
    },
  )

describe('verifying proofs', () => {
  it('says what the record says, where it is in the log, and what is not proven', async () => {
    const result = await verify({'a.tlog-proof': GOOD.text})
    const [proof] = result.proofs
    assert.ok(result.exitCode === 0 && proof?.verdict === 'verified')
    assert.deepEqual(proof.record, GOOD.record.record)
    assert.deepEqual({...proof.log, root: ''}, {origin: ORIGIN, size: 7, root: '', signed_by: KEY.verifier.text})
    assert.equal(result.does_not_prove.length, 4)
    const text = renderVerifyProof(result)
    for (const said of [
      GOOD.record.record.id,
      GOOD.record.record.time,
      GOOD.record.record.subject,
      'test, pass',
      'number 4 of 7',
      KEY.verifier.text,
      'not proven:',
    ])
      assert.ok(text.includes(said), said)
  })

  it('judges each by itself; the worst of them is the exit code', async () => {
    const broken = GOOD.text.replace('index 3', 'index 2')
    const foreign = makeProof({key: logKey()}).text
    const {proofs, exitCode} = await verify({good: GOOD.text, broken, foreign, none: 'x'})
    assert.deepEqual(
      proofs.map((proof) => (proof.verdict === 'verified' ? proof.verdict : proof.reason)),
      ['verified', 'proof.invalid', 'proof.wrong-key', 'proof.unreadable'],
    )
    assert.equal(exitCode, 1)
    const codes = await Promise.all([{broken}, {foreign}, {none: 'x'}, {good: GOOD.text, none: 'x'}].map(async (files) => (await verify(files)).exitCode))
    assert.deepEqual(codes, [1, 1, 5, 5])
  })

  it('proves nothing where nothing holds, and does not say that it does', async () => {
    const text = renderVerifyProof(await verify({none: 'x'}))
    assert.match(text, /^✖ none: proof\.unreadable\n/)
    assert.doesNotMatch(text, /proven/)
  })

  it('shows nothing that could move the cursor', async () => {
    const name = 'a\u001B[2Jb\u202Ec'
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    assert.doesNotMatch(renderVerifyProof(await verify({[name]: 'x'})), /[\u001B\u202E](?!\[\d)/)
  })

  it('proves nothing of what the sealer found a fault with', async () => {
    const {text} = makeProof({key: KEY, leaf: (leaf) => ({...leaf, fault: 'record.second-version'})})
    assert.equal((await verify({a: text})).exitCode, 1)
  })

  it('takes a file with keys, and a key in PEM with the name of its log', async () => {
    const contents = {a: GOOD.text, 'key.txt': `# kept since 2026\n${logKey().verifier.text}\n${KEY.verifier.text}\n`, 'key.pub': KEY.pem}
    assert.equal((await verify(contents, ['key.txt'])).exitCode, 0)
    assert.equal((await verify(contents, ['key.pub'], ORIGIN)).exitCode, 0)
    assert.equal((await verify(contents, ['key.pub'], 'other.example/log')).exitCode, 1)
    await assert.rejects(verify(contents, ['key.pub']), withCode('usage.flag'))
  })

  it('says what it was not given', async () => {
    await assert.rejects(verify({a: GOOD.text}, []), withCode('usage.flag'))
    await assert.rejects(verify({}), withCode('usage.flag'))
    await assert.rejects(verify({a: GOOD.text}, ['absent.pub']), withCode('usage.input'))
    await assert.rejects(verify({a: GOOD.text, key: 'x'}, ['key']), withCode('checkpoint.unreadable-key'))
  })
})
