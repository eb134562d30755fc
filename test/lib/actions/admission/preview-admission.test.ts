import assert from 'node:assert/strict'
import {parse} from 'yaml'
import {previewAdmission, type PreviewResult} from '../../../../src/lib/actions/admission/preview-admission.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {judgeByRules} from '../../../../src/lib/policy/image-rules.ts'
import {verdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {DIGEST, listedPod, listing, OTHER, type PodInput} from '../../admission/listings.ts'
import {admissions, HOME, home, other, production, signer, VENDOR} from './admission-world.ts'

const rule = {match: `${VENDOR}*`, digests: [DIGEST], 'approved-by': 'platform-team', until: '2099-12-31'}

async function preview(
  inputs: readonly PodInput[],
  {policy = {}, metadata = {}, ...more}: Partial<VerdictSetting> & {metadata?: Readonly<Record<string, unknown>>} = {},
): Promise<{result: PreviewResult; recorded: number}> {
  const bytes = listing(
    inputs.map((input, at) => listedPod({uid: `u-${at}`, name: `pod-${at}`, ...input})),
    {metadata},
  )
  const context = verdictContext({policy: {environments: {production}, images: [rule], ...policy}, images: {}, keys: [signer, other], ...more})
  const files = {...context.files, read: async (path: string) => (path === '/project/pods.json' ? bytes : context.files.read(path))}
  const result = await previewAdmission({cluster: 'prod-east', listing: 'pods.json'}, {...context, files})
  return {result, recorded: (await admissions(context)).length}
}
const sums = ({verified, byRules, refused, couldNotCheck, exitCode}: PreviewResult) => ({verified, byRules, refused, couldNotCheck, exitCode})

describe('previewAdmission', () => {
  it('judges each image once, as the provider would, and records nothing', async () => {
    const {store, image, digest} = await home()
    const {result, recorded} = await preview(
      [
        {image},
        {image},
        {image: `${VENDOR}@${DIGEST}`},
        {image: 'nginx:1.27', imageId: `docker.io/library/nginx@${OTHER}`},
        {image: `registry.example/x/y@${OTHER}`},
      ],
      {images: {[HOME]: store}},
    )
    assert.deepEqual(sums(result), {verified: 1, byRules: 1, refused: 2, couldNotCheck: 0, exitCode: 1})
    assert.deepEqual([result.pods, result.running, recorded, result.recorded], [5, 4, 0, false])
    assert.equal(store.resolved.filter((reference) => reference === digest).length, 2, 'once by the test, once by the verdict')
    assert.deepEqual(result.reasons, [
      {reason: 'policy.tag', images: 1},
      {reason: 'policy.unknown-image', images: 1},
    ])
  })

  it('ends with 0 where all would be let in', async () => {
    const {store, image} = await home()
    const {result} = await preview([{image}, {image: `${VENDOR}@${DIGEST}`}], {images: {[HOME]: store}})
    assert.deepEqual(sums(result), {verified: 1, byRules: 1, refused: 0, couldNotCheck: 0, exitCode: 0})
  })

  it('ends with 4 where a registry is out of reach, and with 1 where one is refused for sure beside it', async () => {
    const away = {image: `${HOME}@${OTHER}`}
    assert.deepEqual(sums((await preview([away])).result), {verified: 0, byRules: 0, refused: 0, couldNotCheck: 1, exitCode: 4})
    assert.equal((await preview([away, {image: 'nginx'}])).result.exitCode, 1)
  })

  it('counts exempt namespaces and what ended apart', async () => {
    const {result} = await preview([{image: 'nginx', namespace: 'kube-system'}, {image: 'nginx', phase: 'Succeeded'}, {image: `${VENDOR}@${DIGEST}`}])
    assert.deepEqual([result.exempt.pods, result.ended, result.running, result.exitCode], [1, 1, 1, 0])
  })

  it('never takes a part, or nothing at all, for the whole', async () => {
    assert.equal((await preview([{image: `${VENDOR}@${DIGEST}`}], {metadata: {continue: 'x'}})).result.exitCode, 6)
    const {result} = await preview([])
    assert.deepEqual([result.exitCode, result.incomplete.length], [6, 1])
  })

  it('refuses where no environment matches, naming each namespace', async () => {
    const {result} = await preview([
      {image: `${VENDOR}@${DIGEST}`, namespace: 'one'},
      {image: `${VENDOR}@${DIGEST}`, namespace: 'two'},
    ])
    assert.deepEqual(
      [result.exitCode, result.images.map(({message}) => message.includes('namespace one') || message.includes('namespace two'))],
      [1, [true, true]],
    )
  })

  describe('the rules that it proposes', () => {
    const proposed = async (...inputs: readonly PodInput[]) => (await preview(inputs)).result.rules
    const config = (text: string, approver?: string) => {
      const {images} = parse(text) as {images: Record<string, unknown>[]}
      return Config.safeParse({version: 1, system: 's', images: images.map((one) => (approver === undefined ? one : {...one, 'approved-by': approver}))})
    }

    it('cover what others built, by the digest that runs, for 90 days', async () => {
      const {rules, text, until} = await proposed(
        {image: 'nginx:1.27', imageId: `docker.io/library/nginx@${OTHER}`},
        {image: `registry.example/x/y@${DIGEST}`, imageId: null, phase: 'Pending'},
      )
      assert.deepEqual(
        rules.map(({match, digests}) => [match, digests]),
        [
          ['docker.io/library/nginx', [OTHER]],
          ['registry.example/x/y', [DIGEST]],
        ],
      )
      assert.equal(until, '2026-09-13')
      const parsed = config(text, 'somebody')
      assert.ok(parsed.success)
      for (const {match, digests} of rules) {
        const day = (text_: string) => new Date(`${text_}T12:00:00Z`)
        const image = {repository: match, digest: digests[0] ?? ''}
        assert.equal(judgeByRules(image, parsed.data.images, day('2026-09-13'))?.verdict, 'verified')
        assert.equal(judgeByRules(image, parsed.data.images, day('2026-09-14'))?.verdict, 'failed')
      }
    })

    it('are not valid before a person put a name to each', async () => {
      const {text} = await proposed({image: `registry.example/x/y@${DIGEST}`})
      assert.equal(config(text).success, false)
      assert.doesNotMatch(text, /todo/i)
    })

    it('do not take the place of a rule that holds for other digests of the repository', async () => {
      const {rules, text} = await proposed({image: `${VENDOR}@${DIGEST}`}, {image: `${VENDOR}@${OTHER}`})
      assert.deepEqual(
        rules.map(({match, digests}) => [match, digests]),
        [[`${VENDOR}*`, [OTHER]]],
      )
      const parsed = config(text, 'somebody')
      const images = Config.parse({version: 1, system: 's', images: [rule]}).images.concat(parsed.data?.images ?? [])
      for (const digest of [DIGEST, OTHER])
        assert.equal(judgeByRules({repository: VENDOR, digest}, images, new Date('2026-06-15'))?.verdict, 'verified', digest)
    })

    it('leave out our own, what is refused for what it is, and what nobody knows the digest of', async () => {
      const {store, image} = await home({signed: false})
      const inputs = [{image}, {image: `${HOME}:1.0`, imageId: `${HOME}@${OTHER}`}, {image: 'nginx:1.27', imageId: null}, {image: 'local:1', imageId: OTHER}]
      const {rules, left} = (await preview(inputs, {images: {[HOME]: store}})).result.rules
      assert.deepEqual(rules, [])
      assert.deepEqual(left.map((one) => one.image).toSorted(), [image, `${HOME}:1.0`, 'nginx:1.27', 'local:1'].toSorted())
    })

    it('keep what somebody called a pod inside the comment', async () => {
      const {text} = await proposed({
        image: 'x\n  - match: "*/*"\n# ',
        namespace: 'patient-api',
        imageId: `registry.example/x/y@${DIGEST}`,
        metadata: {ownerReferences: [{kind: 'A', name: 'b\u2028\u0085images: []'}]},
      })
      const {images} = parse(text) as {images: {match: string}[]}
      assert.deepEqual(
        images.map(({match}) => match),
        ['registry.example/x/y'],
      )
    })
  })
})
