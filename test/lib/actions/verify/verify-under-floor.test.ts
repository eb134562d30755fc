/** The platform's policy judges beside the service's: whom the service no longer trusts still counts against an image. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {verifyImage, type VerifyRequest} from '../../../../src/lib/actions/verify/verify-image.ts'
import {Environment} from '../../../../src/lib/config/schema.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner, type TestSigner} from '../../../fakes/dsse-signer.ts'
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

  describe('whose environment has a promotion', () => {
    const promoter = createSigner()
    const requires = {signature: {keys: [pinOf(build)]}}
    const promotion = {key: 'file:keys/promoter.key', ...pinOf(promoter)}

    /** @param floor whether the platform names the repository, or leaves it to the service; none where it has no policy */
    async function judged(signer: TestSigner, floor: 'named' | 'left' | 'none') {
      const store = memoryImageStore({repository: HOME})
      const digest = await pushImage(store, serviceImage())
      await attachBundle(store, (await store.resolve(digest)).descriptor, signer.bundle(signatureOf([digest], HOME)))
      const context = verdictContext({
        policy: {environments: {production: {repository: HOME, requires, promotion}}},
        images: {[HOME]: store},
        keys: [build, promoter],
      })
      const production = Environment.parse({...(floor === 'named' && {repository: HOME}), requires, promotion})
      const config = floor === 'none' ? context.config : {...context.config, platform: {production}}
      const {verdict, policy, checks} = await verifyImage({image: `${HOME}@${digest}`}, {...context, config})
      return {verdict, policy, reason: checks.find(({name}) => name === 'signature')?.reason}
    }

    it("is about the service's repository where it names none", async () => {
      assert.equal((await judged(promoter, 'named')).verdict, 'verified')
      assert.equal((await judged(promoter, 'left')).verdict, 'verified')
    })

    it('lets nobody else sign there, whoever names the repository', async () => {
      assert.equal((await judged(build, 'named')).reason, 'signature.wrong-key')
      assert.equal((await judged(build, 'left')).reason, 'signature.wrong-key')
    })

    it('has a part in the digest of the policy, as it was judged by', async () => {
      const [named, left, none] = [await judged(promoter, 'named'), await judged(promoter, 'left'), await judged(promoter, 'none')]
      assert.equal(left.policy, named.policy)
      assert.notEqual(left.policy, none.policy)
    })
  })

  it('states another policy where the platform asks for more, though the service says the same', async () => {
    const store = memoryImageStore({repository: HOME})
    const digest = await pushImage(store, serviceImage())
    await attachBundle(store, (await store.resolve(digest)).descriptor, build.bundle(signatureOf([digest], HOME)))
    const context = verdictContext({
      policy: {environments: {production: {requires: {signature: {keys: [pinOf(build)]}}}}},
      images: {[HOME]: store},
      keys: [build],
    })
    const under = async (requires: object) => {
      const config = {...context.config, platform: {production: Environment.parse({requires: {signature: {keys: [pinOf(build)]}, ...requires}})}}
      return verifyImage({image: `${HOME}@${digest}`}, {...context, config})
    }
    const [less, more] = [await under({}), await under({sbom: {}})]
    assert.deepEqual([less.verdict, more.verdict], ['verified', 'missing'])
    assert.notEqual(less.policy, more.policy)
  })
})
