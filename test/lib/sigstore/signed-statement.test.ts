import assert from 'node:assert/strict'
import fc from 'fast-check'
import {SPDX_TYPE} from '../../../src/lib/evidence/statement.ts'
import {readStatement} from '../../../src/lib/sigstore/signed-statement.ts'

const SBOM = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{digest: {sha256: 'a'.repeat(64)}}],
  predicateType: SPDX_TYPE,
  predicate: {
    spdxVersion: 'SPDX-2.3',
    creationInfo: {created: '2026-06-15T11:00:00Z', creators: ['Tool: synthetic']},
    packages: [{name: 'ä "quoted" \\'}, {name: '],},{'}, 'text', 1, null],
    files: [],
    relationships: [[1, [2]], {}],
  },
}
const bytesOf = (value: unknown, indent?: number): Buffer => Buffer.from(JSON.stringify(value, undefined, indent))
/** As if everything were large. */
const large = (bytes: Uint8Array): unknown => readStatement(bytes, 0)

describe('readStatement', () => {
  it('keeps all of an SBOM that is not large', () => {
    assert.deepEqual(readStatement(bytesOf(SBOM)), SBOM)
  })

  for (const indent of [undefined, 2]) {
    it(`empties the lists of a large one, ${indent === undefined ? 'dense' : 'indented'}`, () => {
      assert.deepEqual(large(bytesOf(SBOM, indent)), {...SBOM, predicate: {...SBOM.predicate, packages: [], files: [], relationships: []}})
    })
  }

  it('keeps all of what is not an SBOM, however large', () => {
    const other = {...SBOM, predicateType: 'https://example.test/other'}
    assert.deepEqual(large(bytesOf(other)), other)
  })

  it('finds the type where it stands after the predicate, and takes the last of two', () => {
    const {predicateType, ...rest} = SBOM
    const text = JSON.stringify({...rest, predicateType})
    assert.deepEqual((large(Buffer.from(text)) as typeof SBOM).predicate.packages, [])
    const twice = text.replace(/\}$/, ',"predicateType":"https://example.test/other"}')
    assert.deepEqual(large(Buffer.from(twice)), JSON.parse(twice))
  })

  it('refuses what JSON.parse refuses, wherever a byte is lost or changed', () => {
    const whole = bytesOf(SBOM)
    for (let at = 0; at < whole.byteLength; at += 1) {
      for (const damaged of [
        Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]),
        Buffer.concat([whole.subarray(0, at), Buffer.from(','), whole.subarray(at + 1)]),
      ]) {
        const whatNodeSays = readStatement(damaged)
        const ours = large(damaged)
        assert.equal(ours === undefined, whatNodeSays === undefined, `byte ${at}: ${damaged.toString('utf8', Math.max(0, at - 20), at + 20)}`)
      }
    }
    for (const bytes of [Buffer.from([0xff]), Buffer.from(''), Buffer.from('{'), Buffer.concat([whole, Buffer.from('x')])])
      assert.deepEqual(large(bytes), readStatement(bytes))
  })

  it('says of any value in it what JSON.parse says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const statement = {...SBOM, predicate: {extra: {value}, packages: [value, value]}}
        assert.deepEqual(large(bytesOf(statement, indent)), JSON.parse(JSON.stringify({...statement, predicate: {...statement.predicate, packages: []}})))
      }),
    )
  })
})
