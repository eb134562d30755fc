/** What the letter tells to type is typed, letter by letter, into a real shell. */
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {promisify} from 'node:util'
import {checkpointKey} from '../../../src/lib/evidence/key.ts'
import {letterText, notesInLetter, type Letter} from '../../../src/lib/ledger/letter.ts'
import {NOTE_ALGORITHMS} from '../../../src/lib/ledger/note.ts'
import {testSigner, type TestSigner} from '../../fakes/checkpoints.ts'
import {scratch} from '../../scratch.ts'

const letterOf = (signer: TestSigner, parts: Partial<Letter> = {}) =>
  letterText({
    checkpoint: signer.checkpoint(1234),
    n: 42,
    key: signer.verifier,
    system: 'patient-api',
    store: 's3://acme-evidence/patient-api',
    sealedAt: '2026-03-02T08:00:00.000Z',
    writtenAt: '2026-03-02T09:00:00.000Z',
    ...parts,
  })

describe('letterText', () => {
  const folder = scratch()

  /** The block under a heading, as it stands there. */
  const typed = async (letter: string, heading: string) => {
    const [, command = ''] = new RegExp(`## ${heading}[^]*?\`\`\`sh\n([^]*?)\`\`\``).exec(letter) ?? []
    assert.notEqual(command, '')
    return promisify(execFile)('sh', ['-euc', command], {cwd: folder(), env: {PATH: process.env['PATH']}})
  }
  const keep = (note: string) => {
    const file = join(folder(), checkpointKey(42))
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, note)
  }

  for (const algorithm of NOTE_ALGORITHMS) {
    it(`gives commands that verify the signature: ${algorithm}`, async () => {
      const letter = letterOf(testSigner(algorithm))
      const {stdout} = await typed(letter, 'Does the signature hold')
      const [, promised = ''] = /Prints `([^`]+)`\. OpenSSL/.exec(letter) ?? []
      assert.equal(stdout.trim(), promised)
    })

    it(`gives commands that refuse another text and another key: ${algorithm}`, async () => {
      const signer = testSigner(algorithm)
      const letter = letterOf(signer)
      await assert.rejects(typed(letter.replace("'1234'", "'1235'"), 'Does the signature hold'))
      const other = Buffer.from(testSigner(algorithm).verifier.spki).toString('base64')
      await assert.rejects(typed(letter.replace(Buffer.from(signer.verifier.spki).toString('base64'), other), 'Does the signature hold'))
    })
  }

  it('gives a command that compares the checkpoint in the store', async () => {
    const signer = testSigner()
    const letter = letterOf(signer)
    keep(signer.checkpoint(1234).note)
    assert.equal((await typed(letter, 'Does the store still hold')).stdout.trim(), `${checkpointKey(42)}: OK`)
    keep(signer.checkpoint(1234, 'rewritten').note)
    await assert.rejects(typed(letter, 'Does the store still hold'), /did NOT match/)
  })

  it('quotes what stands in it for the shell', async () => {
    const signer = testSigner('ed25519', "acme.example/it's$(touch${IFS}owned)")
    const {stdout} = await typed(letterOf(signer), 'Does the signature hold')
    assert.match(stdout, /Verified/)
  })

  it('says all that there is to compare', () => {
    const signer = testSigner()
    const letter = letterOf(signer, {trustedTime: '2026-03-02T08:00:05.000Z'})
    const {root, origin, note} = signer.checkpoint(1234)
    for (const said of [
      root,
      Buffer.from(root, 'hex').toString('base64'),
      origin,
      '1234',
      note,
      signer.verifier.text,
      '2026-03-02T08:00:05.000Z, as a timestamp',
    ])
      assert.ok(letter.includes(said), said)
    assert.match(letterOf(signer), /no timestamp was verified/)
  })
})

describe('notesInLetter', () => {
  const signer = testSigner()
  const {note} = signer.checkpoint(1234)

  it('finds the note as it was, also after a mail', () => {
    const letter = letterOf(signer)
    assert.deepEqual(notesInLetter(Buffer.from(letter)), [note])
    assert.deepEqual(notesInLetter(Buffer.from(letter.replaceAll('\n', '\r\n'))), [note])
  })

  it('finds every one of several', () => {
    const other = signer.checkpoint(2000)
    assert.deepEqual(notesInLetter(Buffer.from(`${letterOf(signer)}${letterOf(signer, {checkpoint: other})}`)), [note, other.note])
  })

  it('finds none in a bare checkpoint', () => {
    assert.deepEqual(notesInLetter(Buffer.from(note)), [])
  })
})
