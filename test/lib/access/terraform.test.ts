/**
 * Terraform that is printed is held to its own shape: blocks that close, names that are there, policies that are JSON.
 * That the provider takes it was seen once with `terraform validate`; a change of the template is to be seen again.
 */
import assert from 'node:assert/strict'
import {bucketPolicy} from '../../../src/lib/access/bucket-policy.ts'
import {principalsOf, type Holder} from '../../../src/lib/access/principals.ts'
import {ROLE_NAMES, type RoleName} from '../../../src/lib/access/roles.ts'
import {terraformText} from '../../../src/lib/access/terraform.ts'
import {assertNone} from '../../rules/assert-none.ts'

const STORE = {kind: 's3', bucket: 'acme-evidence', prefix: 'prod/'} as const
const GLASS = 'arn:aws:iam::111122223333:role/emergency'

function print(roles: readonly RoleName[] = [], glass?: string) {
  const holders = new Map<Holder, readonly string[]>(glass === undefined ? [] : [['break-glass', [glass]]])
  return terraformText({store: STORE, copies: [], years: 7, principals: principalsOf(holders), roles})
}

const heredocs = (text: string) => [...text.matchAll(/<<-JSON\n(.*?)\n {2}JSON\n/gs)].map(([, json = '']) => JSON.parse(json) as unknown)

/** Without comments, texts and embedded JSON. */
const shape = (text: string) =>
  text
    .replaceAll(/<<-JSON\n.*?\n {2}JSON\n/gs, '""\n')
    .replaceAll(/"[^"\n]*"/g, '""')
    .replaceAll(/^\s*#.*$/gm, '')

describe('the Terraform of a bucket', () => {
  for (const [name, text] of [
    ['alone', print()],
    ['with all roles', print(ROLE_NAMES, GLASS)],
  ] as const) {
    it(`is made of blocks that close, ${name}`, () => {
      let depth = 0
      for (const line of shape(text).split('\n')) {
        assert.match(line, /^(?:\s*[\w-]+(?: "")* \{|\s*\w+\s*= .+|\s*\}|\s*\]|\s*[\w.]+,|\s*)$/)
        depth += (line.match(/[{[]/g) ?? []).length - (line.match(/[}\]]/g) ?? []).length
        assert.ok(depth >= 0)
      }
      assert.equal(depth, 0)
    })

    it(`names only what is there, once, ${name}`, () => {
      const made = [...text.matchAll(/^resource "(\w+)" "(\w+)"/gm)].map(([, type, label]) => `${type}.${label}`)
      assert.equal(new Set(made).size, made.length)
      const named = [...text.replaceAll(/^#.*$/gm, '').matchAll(/\baws_s3_[a-z_]+\.evidence\b/g)].map(([reference]) => reference)
      assertNone(named.filter((reference) => !made.includes(reference)))
    })
  }

  it('sets what `store init` asks for, and no lifecycle rule', () => {
    const text = print()
    for (const line of [
      /object_lock_enabled = true/,
      /status = "Enabled"/,
      /mode {2}= "COMPLIANCE"/,
      /years = 7/,
      /sse_algorithm = "AES256"/,
      /block_public_policy {5}= true/,
    ])
      assert.match(text, line)
    assert.doesNotMatch(text, /aws_s3_bucket_lifecycle/)
  })

  it('holds the same policy as is printed alone', () => {
    const holders = new Map<Holder, readonly string[]>([['break-glass', [GLASS]]])
    assert.deepEqual(heredocs(print([], GLASS)), [bucketPolicy({store: STORE, years: 7, principals: principalsOf(holders)})])
    assert.equal(heredocs(print(ROLE_NAMES, GLASS)).length, 1 + ROLE_NAMES.length)
  })

  it('asks for break-glass where nobody is named, and lets Terraform fill it in', () => {
    assert.match(print(), /variable "break_glass_arn"/)
    assert.match(print(), /"\$\{var\.break_glass_arn\}"/)
    assert.doesNotMatch(print([], GLASS), /\$\{|variable "/)
  })
})
