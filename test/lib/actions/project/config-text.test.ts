import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {configText} from '../../../../src/lib/actions/project/config-text.ts'
import {knownKeys} from '../../../../src/lib/config/keys.ts'
import {readDocument, type Path} from '../../../../src/lib/config/document.ts'
import {loadConfig} from '../../../../src/lib/config/load.ts'
import {isMapping, valueAt} from '../../../../src/lib/config/mapping.ts'

/** Finer points of a policy, which the documentation shows. */
const SHOWN_ELSEWHERE = new Set(['from', 'until', 'sources', 'builders', 'inputs', 'max', 'policies', 'identities', 'timestamp-authorities', 'trusted-root'])

const KEY = `a.local/evidence+1a2b3c4d+${'A'.repeat(43)}=`

const takeSigns = (text: string) => text.replaceAll(/^(\s*)#(?! \S)/gm, '$1')

describe('configText', () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'hipaa-ci-text-'))
  })
  after(async () => rm(root, {recursive: true}))
  const load = async (text: string) => {
    await writeFile(join(root, 'hipaa-ci.yaml'), text)
    // A floor that says nothing: what it governs would be left out if nobody could ask for it.
    return loadConfig({cwd: root, env: {}, readPolicy: async () => Buffer.from('version: 1\n')})
  }

  for (const [name, parts] of [
    [
      'with a key',
      {signs: true, spki: 'a'.repeat(64), repository: 'registry.example/a', store: 'folder:x', sealing: {origin: 'a.local/evidence', keys: [KEY], seals: true}},
    ],
    ['without one', {signs: false}],
    ['of a reader', {signs: false, sealing: {origin: 'a.local/evidence', keys: [KEY], seals: false}}],
  ] as const) {
    const text = configText({system: 'patient-api', ...parts})

    it(`loads ${name}, as it is and with every sign taken away`, async () => {
      const {sealing} = await load(text)
      assert.deepEqual(sealing?.keys, 'sealing' in parts ? [KEY] : undefined)
      const all = await load(takeSigns(text))
      assert.deepEqual(all.platforms, ['linux/amd64', 'linux/arm64'])
      assert.equal(all.sealing?.key, `file:${join(root, 'checkpoint.key')}`)
      assert.equal(all.images[0]?.['approved-by'], 'your-login')
      assert.equal(all.environments['local']?.requires?.signature?.keys?.length, 1)
    })

    it(`shows every key that this version honours ${name}`, () => {
      const {value} = readDocument(takeSigns(text))
      const missing: string[] = []
      const visit = (path: Path): void => {
        const here = valueAt(value, path)
        for (const key of knownKeys(path)) if (valueAt(here, [key]) === undefined && !SHOWN_ELSEWHERE.has(key)) missing.push([...path, key].join('.'))
        if (isMapping(here)) for (const key of Object.keys(here)) visit([...path, key])
        if (Array.isArray(here)) for (const [index] of here.entries()) visit([...path, index])
      }
      visit([])
      // Limits on the lower severities, and signers, are shown once, where most will want them.
      assert.deepEqual(missing, ['gate.misconfigurations.medium', 'gate.misconfigurations.low', 'images.0.keys', 'floor.key'])
    })

    it(`fits a terminal of 120 columns ${name}, but for the digests`, () => {
      assert.deepEqual(
        text.split('\n').filter((line) => line.length > 120 && !line.includes('sha256:')),
        [],
      )
    })
  }
})
