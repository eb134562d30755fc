/**
 * AWS STS for one call, AssumeRoleWithWebIdentity (API version 2011-06-15, XML), on a free loopback port.
 *
 * Its promise: it answers with synthetic credentials that end, refuses as STS does (`InvalidIdentityToken`, HTTP 400), or
 * never answers. It checks neither token nor role.
 */
import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface StsEndpoint {
  readonly endpoint: string
  stop(): Promise<void>
}

export async function startSts(mood: 'gives' | 'refuses' | 'hangs'): Promise<StsEndpoint> {
  const server = createServer((_, response) => {
    if (mood === 'hangs') return
    response.writeHead(mood === 'gives' ? 200 : 400, {'content-type': 'text/xml'})
    response.end(mood === 'gives' ? GIVEN : REFUSED)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const GIVEN = `<AssumeRoleWithWebIdentityResponse xmlns="${NAMESPACE}"><AssumeRoleWithWebIdentityResult>
<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/build/synthetic</Arn><AssumedRoleId>synthetic:synthetic</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIASYNTHETIC0000000</AccessKeyId><SecretAccessKey>synthetic</SecretAccessKey><SessionToken>synthetic</SessionToken>
<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
const REFUSED = `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>
<Message>synthetic token of a synthetic job</Message></Error><RequestId>synthetic</RequestId></ErrorResponse>`
