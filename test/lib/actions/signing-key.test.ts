import assert from 'node:assert/strict'
import {openSigningKey} from '../../../src/lib/actions/signing-key.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'
import {verdictContext} from '../../fakes/verdict-context.ts'

describe('openSigningKey', () => {
  it('knows a public key where the private one is wanted, and runs no tool with it', async () => {
    const signer = createSigner()
    const context = verdictContext({images: {}, keys: [signer]})
    const path = `/policy/keys/${signer.spki}.pub`
    await assert.rejects(openSigningKey(`file:${path}`, context), {
      code: 'key.unreadable',
      message: `${path} is a public key, and signing takes the private one`,
    })
  })
})
