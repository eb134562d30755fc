/** Against a real authority. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {openTimestamps} from '../../../../src/lib/actions/ledger/checkpoint-time.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {timestampTime} from '../../../../src/lib/sigstore/timestamp-time.ts'
import {requestTimestamp, TIMESTAMP_DEFAULTS} from '../../../../src/lib/timestamps/request-timestamp.ts'
import {ORIGIN, testSigner} from '../../../fakes/checkpoints.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../../../timestamp-authority.ts'

describe('openTimestamps', () => {
  let authority: TimestampAuthority
  before(async () => {
    authority = await startTimestampAuthority()
  })
  after(async () => authority.stop())

  const open = async (pin: object = {}) => {
    const sha256 = `sha256:${createHash('sha256').update(authority.chainPem).digest('hex')}`
    const sealing = {origin: ORIGIN, 'timestamp-authorities': [{file: 'tsa.pem', sha256, ...pin}]}
    return openTimestamps(
      quietContext({
        config: {...Config.parse({version: 1, system: 'patient-api', sealing}), root: '/project'},
        files: {exists: async () => true, read: async () => Buffer.from(authority.chainPem)},
        timestampTime: async () => timestampTime,
      }),
    )
  }

  it('says by when a checkpoint was there, and nothing of another one', async () => {
    const signer = testSigner()
    const {note} = signer.checkpoint(1)
    const started = Math.floor(Date.now() / 1000) * 1000
    const response = await requestTimestamp(authority.url, Buffer.from(note), TIMESTAMP_DEFAULTS)
    const timestamps = await open()
    const time = timestamps.timeOf(response, note)
    assert.ok(time !== undefined && Date.parse(time) >= started && Date.parse(time) <= Date.now(), time)
    assert.equal(timestamps.timeOf(response, signer.checkpoint(2).note), undefined)
    assert.equal(timestamps.timeOf(Buffer.from('no timestamp'), note), undefined)
    assert.equal((await open({until: '2020-01-01'})).timeOf(response, note), undefined)
  })

  it('refuses the file of an authority that is not the one that is pinned', async () => {
    await assert.rejects(open({sha256: `sha256:${'0'.repeat(64)}`}), {code: 'policy.invalid', message: /sealing\.timestamp-authorities pins/})
  })

  it('pins none where none is configured', async () => {
    const {pinned, timeOf} = await openTimestamps(quietContext())
    assert.deepEqual([pinned, timeOf(Buffer.from('x'), 'x')], [false, undefined])
  })
})
