import assert from 'node:assert/strict'
import {openImage} from '../../../src/lib/actions/open-image.ts'
import {verdictContext} from '../../fakes/verdict-context.ts'

describe('openImage', () => {
  const open = async (kind: 'oci-archive' | 'docker-archive') =>
    openImage('image.tar', {
      ...verdictContext({images: {}}),
      target: async (text) => ({kind: 'archive', path: '/project/image.tar', format: kind, text}),
    })

  it('says of an archive what it needs instead, and how to get there', async () => {
    const message = 'image.tar is an archive, and this needs an image in a registry or an OCI layout'
    const fix = 'Unpack it, and give ./image: mkdir image && tar -xf image.tar -C image'
    await assert.rejects(open('oci-archive'), {code: 'usage.target', exitCode: 2, message, suggestions: [fix]})
    await assert.rejects(open('docker-archive'), {code: 'usage.target', message})
  })
})
