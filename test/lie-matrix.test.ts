/**
 * The lie matrix: for every situation the exit code and the reason code, through `verifyImage()`.
 *
 * `docs/lie-matrix.md` shows the same rows; UPDATE_DOCS=1 writes it. The rows
 * with Cosign beside run on a real registry too (`test/e2e/lie-matrix.test.ts`).
 */
import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import process from 'node:process'
import {z} from 'zod'
import {serviceImage, serviceIndex} from '../scripts/image/service.ts'
import {openRegistry} from '../src/lib/registry/open-registry.ts'
import {createWorkspace} from './e2e/workspace.ts'
import {memoryImageStore} from './fakes/memory-image-store.ts'
import {quick} from './lib/registry/settings.ts'
import {askVerdict, assertExpected} from './lie-matrix/ask-verdict.ts'
import {APPROVAL_ROWS} from './lie-matrix/approval-rows.ts'
import {ATTESTATION_ROWS} from './lie-matrix/attestation-rows.ts'
import {COMMAND_ROWS, GOOD_POLICY} from './lie-matrix/command-rows.ts'
import {lieMatrixPage} from './lie-matrix/document.ts'
import {POLICY_ROWS} from './lie-matrix/policy-rows.ts'
import {SIGNATURE_ROWS} from './lie-matrix/signature-rows.ts'
import {REGISTRY_ROWS, type RegistryRow} from './lie-matrix/registry-rows.ts'
import {createScene, type Scene} from './lie-matrix/scene.ts'
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
        const memory = memoryImageStore({repository: REPOSITORY})
        const {digest, trusted, stranger, honest} = await createScene(memory, REPOSITORY)
        await honest()
        await withServer(row, {digest, memory}, async (host) => {
          const repository = `${host}/team/app`
          const scene: Pick<Scene, 'repository' | 'digest' | 'trusted' | 'stranger'> = {repository, digest, trusted, stranger}
          assertExpected(await askVerdict(scene, {[repository]: openRegistry(repository, quick())}), row.expected)
        })
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

/** A registry that is honest but for what the row says: manifest and blobs of the image, and nothing attached. */
async function withServer(
  row: RegistryRow,
  {digest, memory}: {digest: string; memory: ReturnType<typeof memoryImageStore>},
  work: (host: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const [, kind, name = ''] = /^\/v2\/team\/app\/(manifests|blobs|referrers)\/(.+)$/.exec(request.url ?? '') ?? []
    const own = kind === 'referrers' ? row.referrers : kind === 'manifests' && name === digest ? row.manifest : undefined
    if (own !== undefined) return own(request, response)
    const bytes = kind === 'manifests' || kind === 'blobs' ? memory.objects.get(name) : undefined
    if (bytes === undefined) return void response.writeHead(404).end()
    const {mediaType = 'application/octet-stream'} =
      kind === 'manifests' ? z.looseObject({mediaType: z.string().optional()}).parse(JSON.parse(Buffer.from(bytes).toString())) : {}
    return void response.writeHead(200, {'content-type': mediaType}).end(bytes)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  if (row.down === true) await close()
  try {
    await work(`127.0.0.1:${address.port}`)
  } finally {
    if (row.down !== true) await close()
  }
}
