import assert from 'node:assert/strict'
import {syft, type SyftSource} from '../../../src/lib/tools/syft.ts'
import {recording} from '../recording.ts'

const input = {source: {kind: 'layout', path: '/l'}, name: 'h/r', version: 'sha256:x'} as const
const answer = (file?: Uint8Array) => ({exitCode: 0, stdout: '', stderr: '', files: new Map(file === undefined ? [] : [['sbom.spdx.json', file]])})

describe('syft', () => {
  it('names each kind of source by its scheme', () => {
    const sources: readonly [SyftSource, string][] = [
      [{kind: 'layout', path: '/l'}, 'oci-dir:/l'],
      [{kind: 'docker-archive', path: '/a.tar'}, 'docker-archive:/a.tar'],
      [{kind: 'folder', path: '/f'}, 'dir:/f'],
    ]
    for (const [source, text] of sources) assert.equal(syft.argv({source, name: 'x'}, '/s')[1], text)
  })

  it('takes its configuration from nowhere but us, and asks nobody for updates', () => {
    const argv = syft.argv(input, '/s')
    assert.equal(argv[argv.indexOf('--config') + 1], '/s/syft.yaml')
    assert.ok(syft.inputs?.(input).has('syft.yaml'))
    assert.equal(syft.env?.(input, '/s')['SYFT_CHECK_FOR_APP_UPDATE'], 'false')
  })

  it('keeps the bytes as they were written', () => {
    const bytes = recording('syft@1.51.0/image.spdx.json')
    const output = syft.parse(answer(bytes), input)
    assert.deepEqual(output.bytes, bytes)
    assert.equal(output.sbom.packages.length, 4)
  })

  it('takes no document, or half of one, for no answer', () => {
    assert.throws(() => syft.parse(answer(), input), {code: 'tool.output'})
    assert.throws(() => syft.parse(answer(recording('syft@1.51.0/image.spdx.json').subarray(0, 99)), input), {code: 'tool.output'})
  })
})
