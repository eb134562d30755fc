/** The platform's policy judges beside the service's: whom the service no longer trusts still counts against an image. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {verifyImage, type VerifyRequest} from '../../../../src/lib/actions/verify/verify-image.ts'
import {Environment} from '../../../../src/lib/config/schema.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {memoryImageStore} from '../../../fakes/memory-image-store.ts'
import {ago, gateOf, signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext} from '../../../fakes/verdict-context.ts'

const HOME = 'registry.example/team/app'
const build = createSigner()
const security = createSigner()
const own = {requires: {signature: {keys: [pinOf(build)]}, gate: {}}}
const platform = {production: Environment.parse({requires: {signature: {keys: [pinOf(build), pinOf(security)]}, gate: {}}})}

/** The gate passed two hours ago; the security team's, an hour ago, did as `newest` says. */
async function verify(newest: 'pass' | 'fail', {under = true, ...request}: Partial<VerifyRequest> & {under?: boolean} = {}) {
  const store = memoryImageStore({repository: HOME})
  const digest = await pushImage(store, serviceImage())
  const {descriptor} = await store.resolve(digest)
  await attachBundle(store, descriptor, build.bundle(signatureOf([digest], HOME)))
  await attachBundle(store, descriptor, build.bundle(gateOf([digest], {decidedAt: ago(2)})))
  await attachBundle(store, descriptor, security.bundle(gateOf([digest], {decidedAt: ago(1), decision: newest})))
  const context = verdictContext({policy: {environments: {production: own}}, images: {[HOME]: store}, keys: [build, security]})
  const config = under ? {...context.config, platform} : context.config
  const {exitCode, checks} = await verifyImage({image: `${HOME}@${digest}`, ...request}, {...context, config})
  return [exitCode, checks.find(({name}) => name === 'gate')?.state]
}

describe('verifyImage, under a floor', () => {
  it('hears whom the platform trusts, also where the service left them out', async () => {
    assert.deepEqual(await verify('fail', {under: false}), [0, 'verified'])
    assert.deepEqual(await verify('fail'), [1, 'failed'])
    assert.deepEqual(await verify('pass'), [0, 'verified'])
  })

  it('judges both for the repository that is given', async () => {
    assert.deepEqual(await verify('pass', {repository: HOME}), [0, 'verified'])
    assert.equal((await verify('pass', {repository: `${HOME}-other`}))[0], 1)
  })

  it('judges by the signer alone that a person names', async () => {
    assert.deepEqual(await verify('fail', {key: `/policy/keys/${build.spki}.pub`, environment: 'production'}), [0, 'verified'])
  })
})
