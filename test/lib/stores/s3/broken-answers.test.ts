/** Answers that S3 does not give. Lists that no honest bucket sends: half a list must not look like a whole one, and nothing runs in a circle. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {allOf} from '../../../all-of.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment} from '../../../s3.ts'

const KEY = 'evidence/records/a'
const keys = (inside: string) => `<ListBucketResult><Name>synthetic</Name>${inside}<Contents><Key>${KEY}</Key><Size>1</Size></Contents></ListBucketResult>`
const versions = (inside: string) =>
  `<ListVersionsResult><Name>synthetic</Name>${inside}<Version><Key>${KEY}</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest></Version></ListVersionsResult>`
const MORE = '<IsTruncated>true</IsTruncated>'

describe('the store in a bucket that answers as none should', () => {
  let server: Server
  let answer = ''
  let asked = 0
  before(async () => {
    server = createServer((_, response) => {
      asked += 1
      response.writeHead(200, {'content-type': 'application/xml'}).end(answer)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => (asked = 0))
  asAwsEnvironment(() => ({AWS_ACCESS_KEY_ID: 'synthetic', AWS_SECRET_ACCESS_KEY: 'synthetic', AWS_EC2_METADATA_DISABLED: 'true'}))

  const openAll = async () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return openTestBucket(`s3://synthetic/evidence?region=us-east-1&endpoint=${endpoint}`)
  }
  const open = async () => (await openAll()).store

  it('finds the default retention of a server that names both days and years', async () => {
    answer = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>
      <Mode>COMPLIANCE</Mode><Days>0</Days><Years>7</Years></DefaultRetention></Rule></ObjectLockConfiguration>`
    assert.deepEqual((await (await openAll()).controls.settings()).defaultRetention, {mode: 'COMPLIANCE', days: 2555})
  })

  it('reads a whole one', async () => {
    const store = await open()
    answer = keys('<IsTruncated>false</IsTruncated>')
    assert.deepEqual(await allOf(store.list('records/')), ['records/a'])
    answer = versions('<IsTruncated>false</IsTruncated>')
    assert.deepEqual(
      (await allOf(store.versions('records/'))).map(({key, version, lastModified}) => [key, version, lastModified]),
      [['records/a', 'v1', '1970-01-01T00:00:00.000Z']],
    )
  })

  for (const [what, broken, requests] of [
    ['says that there is more, and not where', MORE, 1],
    ['goes on where it was', `${MORE}<NextContinuationToken>again</NextContinuationToken>`, 2],
  ] as const)
    it(`refuses a list of keys that ${what}`, async () => {
      answer = keys(broken)
      await assert.rejects(allOf((await open()).list('records/')), {code: 'store.unreachable', message: /^the list of s3:.* breaks off$/})
      assert.equal(asked, requests)
    })

  for (const [what, broken, requests] of [
    ['says that there is more, and not where', MORE, 1],
    ['goes on where it was', `${MORE}<NextKeyMarker>${KEY}</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>`, 2],
  ] as const)
    it(`refuses a list of versions that ${what}`, async () => {
      answer = versions(broken)
      await assert.rejects(allOf((await open()).versions('records/')), {code: 'store.unreachable', message: /^the version list of s3:.* breaks off/})
      assert.equal(asked, requests)
    })

  it('refuses what was not asked for', async () => {
    answer = keys('<IsTruncated>false</IsTruncated>').replace(KEY, 'elsewhere/records/a')
    await assert.rejects(allOf((await open()).list('records/')), {
      code: 'store.unreachable',
      message: /lists "elsewhere\/records\/a", which was not asked for$/,
    })
  })

  it('shows a key whose bytes are no UTF-8 as it was sent', async () => {
    answer = keys('<IsTruncated>false</IsTruncated>').replace(KEY, 'evidence/records/%ff')
    assert.deepEqual(await allOf((await open()).list('records/')), ['records/%ff'])
  })
})
