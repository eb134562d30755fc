/**
 * The lie matrix: for every situation the exit code and the reason code, through `verifyImage()`.
 *
 * `docs/lie-matrix.md` shows the same rows; UPDATE_DOCS=1 writes it. The rows
 * with Cosign beside run with the real Cosign too, on real registries or on one that lies (`test/e2e/lie-matrix.test.ts`).
 */
import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import process from 'node:process'
import {z} from 'zod'
import {serviceImage, serviceIndex} from '../scripts/image/service.ts'
import {createWorkspace} from './e2e/workspace.ts'
import {memoryImageStore} from './fakes/memory-image-store.ts'
import {askOverHttp} from './lie-matrix/ask-over-http.ts'
import {askVerdict, assertExpected} from './lie-matrix/ask-verdict.ts'
import {APPROVAL_ROWS} from './lie-matrix/approval-rows.ts'
import {ATTESTATION_ROWS} from './lie-matrix/attestation-rows.ts'
import {COMMAND_ROWS, GOOD_POLICY} from './lie-matrix/command-rows.ts'
import {lieMatrixPage} from './lie-matrix/document.ts'
import {POLICY_ROWS} from './lie-matrix/policy-rows.ts'
import {SIGNATURE_ROWS} from './lie-matrix/signature-rows.ts'
import {REGISTRY_ROWS} from './lie-matrix/registry-rows.ts'
import {createScene} from './lie-matrix/scene.ts'
import {STORE_ROWS} from './lie-matrix/store-rows.ts'
import {TIME_ROWS} from './lie-matrix/time-and-identity-rows.ts'

const REPOSITORY = 'registry.example/team/app'
const PAGE = new URL('../docs/lie-matrix.md', import.meta.url)

describe('the lie matrix', () => {
  describe('what is attached to the image', () => {
    for (const {situation, expected, index, lay} of [...SIGNATURE_ROWS, ...ATTESTATION_ROWS]) {
      it(`${situation}: ${expected.exit} ${expected.reason ?? ''}`, async () => {
        const store = memoryImageStore({repository: REPOSITORY})
        const scene = await createScene(store, REPOSITORY, index === true ? serviceIndex() : serviceImage())
        const ask = await lay(scene)
        assertExpected(await askVerdict(scene, {[REPOSITORY]: store}, ask ?? {}), expected)
      })
    }
  })

  describe('keys, clocks, policies, people', () => {
    for (const {situation, expected, index, lay} of [...POLICY_ROWS, ...TIME_ROWS, ...APPROVAL_ROWS]) {
      it(`${situation}: ${expected.exit} ${expected.reason ?? ''}`, async () => {
        const store = memoryImageStore({repository: REPOSITORY})
        const scene = await createScene(store, REPOSITORY, index === true ? serviceIndex() : serviceImage())
        const ask = await lay(scene)
        assertExpected(await askVerdict(scene, {[REPOSITORY]: store}, ask ?? {}), expected)
      })
    }
  })

  describe('what a registry or a layout says', () => {
    for (const {situation, expected, kind, lay} of STORE_ROWS) {
      it(`${situation}: ${expected.exit} ${expected.reason ?? ''}`, async () => {
        const store = memoryImageStore(kind === undefined ? {repository: REPOSITORY} : {kind})
        const scene = await createScene(store, REPOSITORY)
        const ask = await lay(scene, store)
        const usual = kind === undefined ? {} : {image: store.location}
        assertExpected(await askVerdict(scene, {[REPOSITORY]: store, [store.location]: store}, {...usual, ...ask}), expected)
      })
    }
  })

  describe('a registry in trouble', () => {
    for (const row of REGISTRY_ROWS) {
      it(`${row.situation}: ${row.expected.exit} ${row.expected.reason ?? ''}`, async () => {
        assertExpected(await askOverHttp(row), row.expected)
      })
    }
  })

  describe('the command line and the configuration', () => {
    for (const {situation, expected, args, env, stdin, policy, platform} of COMMAND_ROWS) {
      it(`${situation}: ${expected.exit} ${expected.reason ?? ''}`, async () => {
        const workspace = await createWorkspace()
        try {
          await workspace.write('hipaa-ci.yaml', policy ?? GOOD_POLICY)
          if (platform !== undefined) await workspace.write('platform.yaml', platform)
          const {exitCode, json, stderr} = await workspace.cli([...args, '--json'], {...(env !== undefined && {env}), ...(stdin !== undefined && {stdin})})
          const {code} = z.looseObject({error: z.looseObject({code: z.string()})}).parse(json).error
          assert.deepEqual([exitCode, code], [expected.exit, expected.reason], stderr)
        } finally {
          await workspace.remove()
        }
      })
    }
  })

  it('names exit code and reason code in every row, and no situation twice', () => {
    const rows = [...SIGNATURE_ROWS, ...ATTESTATION_ROWS, ...POLICY_ROWS, ...TIME_ROWS, ...APPROVAL_ROWS, ...STORE_ROWS, ...REGISTRY_ROWS, ...COMMAND_ROWS]
    for (const {situation, expected} of rows) assert.equal(expected.exit === 0, expected.reason === undefined, situation)
    assert.equal(new Set(rows.map(({situation}) => situation)).size, rows.length)
  })

  it('is docs/lie-matrix.md (UPDATE_DOCS=1 writes it)', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, lieMatrixPage())
    assert.equal(readFileSync(PAGE, 'utf8'), lieMatrixPage())
  })
})
