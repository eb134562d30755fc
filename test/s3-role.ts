/**
 * A role on the S3 server of the tests: what its policy allows, and nothing else. By STS, with the policy for the session.
 *
 * The server knows no `s3:if-none-match`; what it knows it enforces: actions, resources, prefixes, lock modes and days.
 */
import {createHash, createHmac} from 'node:crypto'
import process from 'node:process'
import type {PolicyDocument} from '../src/lib/access/policy-document.ts'
import type {S3Server} from './s3.ts'

/** Variables of an AWS client that has the role. */
export async function assumeRole({endpoint, env}: Pick<S3Server, 'endpoint' | 'env'>, policy: PolicyDocument): Promise<Readonly<Record<string, string>>> {
  const body = new URLSearchParams({Action: 'AssumeRole', Version: '2011-06-15', DurationSeconds: '3600', Policy: JSON.stringify(policy)}).toString()
  const response = await fetch(endpoint, {method: 'POST', body, headers: signed(endpoint, env, body)})
  const text = await response.text()
  const member = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? ''
  if (!response.ok) throw new Error(`the S3 server takes no such role: ${response.status} ${text}`)
  return {...env, AWS_ACCESS_KEY_ID: member('AccessKeyId'), AWS_SECRET_ACCESS_KEY: member('SecretAccessKey'), AWS_SESSION_TOKEN: member('SessionToken')}
}

/** Runs `work` as somebody else, within a `describe` that calls `asAwsEnvironment`. */
export async function actingAs<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const own = process.env
  process.env = {...own, ...env}
  try {
    return await work()
  } finally {
    process.env = own
  }
}

/** AWS Signature Version 4 of one POST to `/`. */
function signed(endpoint: string, env: Readonly<Record<string, string>>, body: string): Record<string, string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${env['AWS_REGION']}/sts/aws4_request`
  const headers = {'content-type': 'application/x-www-form-urlencoded', host: new URL(endpoint).host, 'x-amz-date': time}
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const request = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')
  const key = [day, env['AWS_REGION'] ?? '', 'sts', 'aws4_request'].reduce(
    (secret: string | Buffer, part) => hmac(secret, part),
    `AWS4${env['AWS_SECRET_ACCESS_KEY']}`,
  )
  const signature = hmac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${env['AWS_ACCESS_KEY_ID']}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return {'content-type': headers['content-type'], 'x-amz-date': time, authorization}
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
