/** A promotion is judged by the platform's policy too, whoever of the two names the repository that it is to. */
import assert from 'node:assert/strict'
import {approveImage} from '../../../../src/lib/actions/promote/approve-image.ts'
import {promoteImage} from '../../../../src/lib/actions/promote/promote-image.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {APPROVERS, createWorld, FROM, PRODUCTION, TO, type Setting} from './promotion-world.ts'

const {repository: _repository, ...UNPLACED} = PRODUCTION
const FLOORS: readonly (readonly [name: string, platform: Readonly<Record<string, unknown>>])[] = [
  ['that names the repository', PRODUCTION],
  ['that leaves the repository to the service', UNPLACED],
]

async function approveAndPromote(setting: Setting, approver = 'ann') {
  const world = await createWorld()
  const image = `${FROM}@${world.digest}`
  await approveImage({image, to: 'production', key: `file:/policy/keys/${approver}.key`}, world.context(setting))
  return {world, result: await promoteImage({image, to: 'production', tags: ['1.4.2'], moveTag: false}, world.context(setting))}
}

describe('promoteImage, under a floor', () => {
  for (const [name, platform] of FLOORS) {
    it(`promotes what was approved, under one ${name}`, async () => {
      const {world, result} = await approveAndPromote({platform})
      assert.deepEqual([result.promoted, result.verdict, result.exitCode], [true, 'verified', 0])
      assert.deepEqual([...world.target.tags], [['1.4.2', world.digest]])
      const verified = await verifyImage({image: `${TO}@${world.digest}`}, world.context({platform}))
      assert.deepEqual([verified.verdict, verified.policy], ['verified', result.verification.policy])
    })

    it(`promotes nothing that was approved by whom only the service names, under one ${name}`, async () => {
      const {world, result} = await approveAndPromote({platform: {...platform, approvals: {'not-author': false, by: APPROVERS.slice(0, 1)}}}, 'bob')
      assert.deepEqual(
        [result.promoted, result.verification.checks.find(({state}) => state !== 'verified' && state !== 'not-required' && state !== 'not-checked')?.name],
        [false, 'approvals'],
      )
      assert.deepEqual([...world.target.tags], [])
    })
  }
})
