/**
 * What somebody could make who holds the log's own key, and what each is judged to be.
 *
 * Promise: each differs from a good proof in what its name says, and in nothing else.
 */
import {gunzipSync, gzipSync} from 'node:zlib'
import type {Leaf} from '../../src/lib/ledger/leaf.ts'
import {logKey, makeProof, type ProofOptions} from './proof-maker.ts'

const ONE = makeProof({key: logKey()}).record

export const ODD: Readonly<Record<string, [Partial<ProofOptions>, string]>> = {
  'signed with another key under its id': [{sign: logKey().sign}, 'proof.invalid'],
  'an empty signature': [{sign: () => new Uint8Array()}, 'proof.unreadable'],
  'a leaf that is no leaf': [{leaf: () => ({})}, 'proof.unreadable'],
  'a leaf that is a list': [{leaf: () => []}, 'proof.unreadable'],
  'a leaf of another version': [{leaf: (leaf) => ({...leaf, v: 2})}, 'proof.unreadable'],
  'a leaf about another record': [{leaf: (leaf) => ({...leaf, sha256: '0'.repeat(64)})}, 'proof.invalid'],
  'a leaf that gives another size': [{leaf: (leaf) => ({...leaf, size: leaf.size + 1})}, 'proof.invalid'],
  'a leaf in another stream': [{leaf: (leaf) => ({...leaf, stream: 'approval'})}, 'proof.invalid'],
  'a leaf under another key': [{leaf: (leaf) => ({...leaf, key: leaf.key.replace('records/v1/test', 'records/v1/approval')})}, 'proof.invalid'],
  'a leaf under a key that is none': [{leaf: (leaf) => ({...leaf, key: 'elsewhere'})}, 'proof.invalid'],
  'a leaf that tells another outcome': [{leaf: told({outcome: 'fail'})}, 'proof.invalid'],
  'a leaf that tells another time': [{leaf: told({time: '2026-03-02T08:00:00.001Z'})}, 'proof.invalid'],
  'a leaf that tells another place': [{leaf: told({seq: 99})}, 'proof.invalid'],
  'a leaf that tells of one before': [{leaf: told({prevsha256: '0'.repeat(64)})}, 'proof.invalid'],
  'a leaf that tells nothing': [{leaf: (leaf) => ({...leaf, told: undefined})}, 'proof.invalid'],
  'a leaf that names other blobs': [{leaf: told({blobs: ['0'.repeat(64)]})}, 'proof.invalid'],
  'a leaf that tells of the end of a run': [{leaf: told({run: 'too-large'})}, 'proof.invalid'],
  'a leaf that gives a fault': [{leaf: (leaf) => ({...leaf, fault: 'record.second-version'})}, 'proof.invalid'],
  'a leaf with a member of its own': [{leaf: (leaf) => ({...leaf, note: 'x'})}, 'proof.unreadable'],
  'a leaf that tells more': [{leaf: (leaf) => ({...leaf, told: {...leaf.told, note: 'x'}})}, 'proof.unreadable'],
  'a leaf with a lock that is none': [{leaf: (leaf) => ({...leaf, lock: {mode: 'WEAK'}})}, 'proof.unreadable'],
  'a leaf that came on no day': [{leaf: (leaf) => ({...leaf, last_modified: '2026-02-30T09:00:00.000Z'})}, 'proof.unreadable'],
  'a leaf of an empty version': [{leaf: (leaf) => ({...leaf, version: ''})}, 'proof.unreadable'],
  'a leaf in another order': [{written: (leaf) => leaf.replace(/^\{(.*),"v":1\}$/, '{"v":1,$1}')}, 'proof.unreadable'],
  'a leaf with a member twice': [{written: (leaf) => leaf.replace('{"key":', '{"key":"elsewhere","key":')}, 'proof.unreadable'],
  'bytes that are no gzip': [{stored: Buffer.from('x')}, 'proof.invalid'],
  'two records at once': [{stored: gzipSync('{}\n{}\n')}, 'proof.invalid'],
  'a record with something after it': [{stored: Buffer.concat([ONE.bytes, Buffer.from('more')])}, 'proof.invalid'],
  'a record in two members': [{stored: Buffer.concat([gzipSync(''), ONE.bytes])}, 'proof.invalid'],
  'a record that gives its outcome twice': [{stored: rewritten('"outcome":"pass"', '"outcome":"fail","outcome":"pass"')}, 'proof.invalid'],
  'a record with a space in it': [{stored: rewritten('{"specversion"', '{ "specversion"')}, 'proof.invalid'],
  'a record with a letter that is none': [{stored: rewritten('"name":"', '"name":"\u00ff', 'latin1')}, 'proof.invalid'],
  'no record': [{stored: gzipSync('{}\n')}, 'proof.invalid'],
  'a gzip bomb': [{stored: gzipSync(Buffer.alloc(4_000_000))}, 'proof.invalid'],
}

function told(change: Partial<NonNullable<Leaf['told']>>): (leaf: Leaf) => unknown {
  return (leaf) => ({...leaf, told: {...leaf.told, ...change}})
}

function rewritten(from: string, to: string, encoding: BufferEncoding = 'utf8'): Uint8Array {
  return gzipSync(Buffer.from(gunzipSync(ONE.bytes).toString('latin1').replace(from, to), encoding))
}
