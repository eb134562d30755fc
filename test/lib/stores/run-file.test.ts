import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {newRunState, type RunState} from '../../../src/lib/evidence/run-state.ts'
import {implicitRun} from '../../../src/lib/stores/implicit-run.ts'
import {createRunFile, openRunFile} from '../../../src/lib/stores/run-file.ts'
import {scratch} from '../../scratch.ts'

const STATE: RunState = newRunState({runid: '01JGFJJZ00ABCDEFGHJKMNPQRS', job: 'build', seq: -1, expected: ['sbom']})

describe('the run file', () => {
  const folder = scratch()
  const path = () => join(folder(), 'runs', 'run.json')

  it('is made whole, for its owner only, in a folder that need not be there', async () => {
    const position = await createRunFile(path(), STATE)
    assert.equal(position.name, path())
    assert.deepEqual(await position.read(), STATE)
    assert.equal(statSync(path()).mode & 0o077, 0)
    assert.deepEqual(readdirSync(join(folder(), 'runs')), ['run.json'])
  })

  it('is never made over another', async () => {
    await createRunFile(path(), STATE)
    await assert.rejects(createRunFile(path(), {...STATE, job: 'other'}), {code: 'run.invalid', message: `${path()} is there already`})
    assert.equal((await openRunFile(path()).read()).job, 'build')
    assert.deepEqual(readdirSync(join(folder(), 'runs')), ['run.json'])
  })

  it('says where it cannot be made', async () => {
    writeFileSync(join(folder(), 'runs'), 'a file in the way')
    await assert.rejects(createRunFile(path(), STATE), {code: 'run.invalid'})
  })

  it('moves on only by what is saved', async () => {
    const position = await createRunFile(path(), STATE)
    const result = await position.exclusively(async (state, save) => {
      await save({...state, seq: 0})
      return state.seq
    })
    assert.equal(result, -1)
    assert.equal((await position.read()).seq, 0)
    await assert.rejects(
      position.exclusively(async () => {
        throw new RangeError('no')
      }),
      RangeError,
    )
    assert.equal((await position.read()).seq, 0)
  })

  it('gives each holder what the one before left', async () => {
    const position = await createRunFile(path(), {...STATE, seq: 0})
    await Promise.all(Array.from({length: 10}, () => openRunFile(path()).exclusively((state, save) => save({...state, seq: state.seq + 1}))))
    assert.equal((await position.read()).seq, 10)
  })

  it('leaves no lock where there is no run file', async () => {
    mkdirSync(join(folder(), 'runs'))
    await assert.rejects(
      openRunFile(path()).exclusively(async () => 1),
      {code: 'run.invalid', message: `cannot read the run file ${path()}: ENOENT`},
    )
    assert.equal(existsSync(`${path()}.lock`), false)
  })

  for (const [what, text] of [
    ['empty', ''],
    ['cut off', JSON.stringify(STATE).slice(0, 40)],
    ['another JSON', '{"runid": 1}'],
    ['a list', '[]'],
    ['with a member more', JSON.stringify({...STATE, extra: 1})],
  ] as const)
    it(`is refused where it is ${what}, and left as it is`, async () => {
      mkdirSync(join(folder(), 'runs'))
      writeFileSync(path(), text)
      await assert.rejects(
        openRunFile(path()).exclusively(async () => 1),
        {code: 'run.invalid'},
      )
      assert.equal(readFileSync(path(), 'utf8'), text)
    })

  it('stays whole where it cannot be replaced', async () => {
    const position = await createRunFile(path(), STATE)
    // A folder in the place of the file: renaming onto it fails for every user.
    await position.exclusively(async (state, save) => {
      await assert.rejects(save({...state, runid: undefined as unknown as string, toJSON: () => assert.fail('disk')} as never))
    })
    assert.deepEqual(await position.read(), STATE)
    chmodSync(path(), 0o600)
    assert.deepEqual(readdirSync(join(folder(), 'runs')).toSorted(), ['run.json', 'run.json.lock'])
  })
})

describe('the implicit run', () => {
  it('goes on in memory, one at a time, also after a failure', async () => {
    const position = implicitRun(STATE.runid, 'unit tests (node 24)')
    assert.equal((await position.read()).job, 'unit-tests-node-24')
    const failing = position.exclusively(async () => {
      throw new RangeError('no')
    })
    const seqs = Promise.all(Array.from({length: 10}, () => position.exclusively((state, save) => save({...state, seq: state.seq + 1}))))
    await assert.rejects(failing, RangeError)
    await seqs
    assert.equal((await position.read()).seq, 10)
  })
})
