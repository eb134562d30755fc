import assert from 'node:assert/strict'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {buildSbom} from '../../../src/lib/actions/scan/build-sbom.ts'
import {writeSboms} from '../../../src/lib/cli/write-sboms.ts'
import {scanContext} from '../../fakes/scan-context.ts'
import {imageStore, oneImage, REPOSITORY, twoPlatforms, vulnerable} from '../actions/scan/scan-world.ts'

async function built(picture = oneImage()) {
  const {image, digest} = await imageStore(picture)
  return buildSbom(
    {target: REPOSITORY},
    scanContext({target: {kind: 'registry', repository: REPOSITORY, digest, text: REPOSITORY}, image, answers: {syft: vulnerable.syft}}),
  )
}

describe('writeSboms', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-sboms-'))
  })
  after(async () => rm(folder, {recursive: true}))

  it('writes one document into the file named, byte for byte', async () => {
    const sbom = await built()
    const path = join(folder, 'one.json')
    assert.deepEqual(await writeSboms(path, sbom), [path])
    assert.deepEqual(await readFile(path), Buffer.from(sbom.documents[0] ?? []))
  })

  it('writes several beside each other', async () => {
    for (const [out, names] of [
      ['app.spdx.json', ['app.linux-amd64.spdx.json', 'app.linux-arm64.spdx.json']],
      ['app.json', ['app.linux-amd64.json', 'app.linux-arm64.json']],
      ['app', ['app.linux-amd64', 'app.linux-arm64']],
    ] as const) {
      const files = await writeSboms(join(folder, out), await built(twoPlatforms()))
      assert.deepEqual(
        files.map((file) => basename(file)),
        names,
      )
    }
  })

  it('says where it cannot write', async () => {
    await assert.rejects(writeSboms(join(folder, 'absent', 'x.json'), await built()), {code: 'usage.flag'})
  })
})
