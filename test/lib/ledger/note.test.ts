import assert from 'node:assert/strict'
import {createPublicKey, generateKeyPairSync, sign} from 'node:crypto'
import {checkpointFault, checkpointNote, checkpointText, parseCheckpoint} from '../../../src/lib/ledger/checkpoint.ts'
import {formatSignature, noteSigners, parseNote, parseVerifierKey, verifierKey} from '../../../src/lib/ledger/note.ts'

/** The example that the format's first implementation, Go's sumdb/note, is documented with. */
const EXAMPLE = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note: `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`,
}
/** The note that C2SP signed-note v1.0.0 shows: its text has an empty line. */
const SPECIFIED = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`

const ORIGIN = 'acme.example/hipaa-evidence'
const HEAD = {origin: ORIGIN, size: 3, root: 'ab'.repeat(32)}

describe('signed notes', () => {
  const pair = generateKeyPairSync('ed25519')
  const key = verifierKey(ORIGIN, pair.publicKey.export({format: 'der', type: 'spki'}))
  const note = checkpointNote(HEAD, key, sign(null, Buffer.from(checkpointText(HEAD)), pair.privateKey))

  it('come back as they were signed, by Ed25519 and by P-256', () => {
    assert.deepEqual(noteSigners(parseNote(note), [key]), [key])
    const p256 = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    const second = verifierKey(ORIGIN, p256.publicKey.export({format: 'der', type: 'spki'}))
    const both = note + formatSignature(second, sign('sha256', Buffer.from(checkpointText(HEAD)), p256.privateKey))
    assert.deepEqual(noteSigners(parseNote(both), [key, second]), [key, second])
    assert.deepEqual(parseVerifierKey(second.text), second)
  })

  it('are read and verified as others write them', () => {
    const example = parseVerifierKey(EXAMPLE.key)
    assert.deepEqual(noteSigners(parseNote(EXAMPLE.note), [example]), [example])
    assert.equal(noteSigners(parseNote(EXAMPLE.note.replace('think', 'thunk')), [example]), 'invalid')
    const {text, signatures} = parseNote(Buffer.from(SPECIFIED))
    assert.equal(text, SPECIFIED.slice(0, SPECIFIED.indexOf('\n—')))
    assert.deepEqual(
      signatures.map(({name, id, signature}) => [name, id, signature.length]),
      [['quasimodo.example/salvatore', '367ba04b', 64]],
    )
  })

  it('are void where a known key has not signed this text, and mean nothing by an unknown one', () => {
    const changed = note.replace('\n3\n', '\n4\n')
    assert.equal(checkpointFault(parseCheckpoint(changed), [key]), 'checkpoint.invalid')
    const other = verifierKey(ORIGIN, generateKeyPairSync('ed25519').publicKey.export({format: 'der', type: 'spki'}))
    assert.equal(checkpointFault(parseCheckpoint(note), [other]), 'checkpoint.wrong-key')
    assert.equal(checkpointFault(parseCheckpoint(note), [key]), undefined)
    assert.equal(checkpointFault(parseCheckpoint(note), [verifierKey('acme.example/other', key.spki)]), 'checkpoint.wrong-key')
  })

  it('are refused where they are hostile', () => {
    const [text = '', signature = ''] = note.split('\n\n')
    const hostile = [
      '',
      '\n\n',
      text,
      `${text}\n\n`,
      note.trimEnd(),
      note.replace('— ', '- '),
      note.replaceAll('\n', '\r\n'),
      `${text}\n\n${signature}\nmore\n`,
      note.replace('acme', 'ac\u0000me'),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(note)]),
      `${'a'.repeat(300_000)}${note}`,
    ]
    for (const bytes of hostile) assert.throws(() => parseCheckpoint(bytes), {code: 'checkpoint.unreadable'}, JSON.stringify(bytes.toString().slice(0, 80)))
  })

  it('are no checkpoints where size or root are none', () => {
    for (const [from, to] of [
      ['\n3\n', '\n03\n'],
      ['\n3\n', '\n-3\n'],
      ['\n3\n', '\n1e3\n'],
      ['\n3\n', '\n99999999999999999999\n'],
      ['q6ur', 'q6!r'],
    ] as const)
      assert.throws(() => parseCheckpoint(note.replace(from, to)), {code: 'checkpoint.unreadable'})
  })
})

describe('verifier keys', () => {
  it('are read as the specification writes them', () => {
    const key = parseVerifierKey(EXAMPLE.key)
    assert.deepEqual([key.name, key.id, key.algorithm], ['PeterNeumann', 'c74f20a3', 'ed25519'])
    assert.equal(createPublicKey({key: Buffer.from(key.spki), format: 'der', type: 'spki'}).asymmetricKeyType, 'ed25519')
    assert.equal(verifierKey(key.name, key.spki).text, EXAMPLE.key)
  })

  it('are refused where the id is not theirs, or nothing can be made of them', () => {
    for (const text of [
      '',
      'a+b',
      EXAMPLE.key.replace('c74f20a3', 'c74f20a4'),
      EXAMPLE.key.slice(0, -4),
      EXAMPLE.key.replace('+ARpc', '+CRpc'),
      EXAMPLE.key.replace('Neumann', ' Neumann'),
    ])
      assert.throws(() => parseVerifierKey(text), {code: 'checkpoint.unreadable-key'})
  })
})
