/**
 * A real S3 server with versions, Object Lock and conditional writes for tests: MinIO on a free loopback port.
 *
 * It does not end when its standard input closes, so a shell stands between: when our end of the pipe closes, however
 * this process ends, the shell stops the server, waits for it, and removes its data. What is locked cannot be cleaned up
 * in any other way: make a bucket for each test. It is a test tool, and never shipped.
 */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync} from 'node:fs'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {setTimeout as wait} from 'node:timers/promises'
import {CreateBucketCommand, PutBucketVersioningCommand, PutObjectLockConfigurationCommand, S3Client} from '@aws-sdk/client-s3'
import {builtTool} from '../scripts/built-tool.ts'

export interface S3Server {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  /** What an AWS client needs to be its owner; the credentials are synthetic, and nothing else of this machine's AWS settings is asked. */
  readonly env: Readonly<Record<string, string>>
  makeBucket(settings?: BucketSettings): Promise<TestBucket>
  /** As the owner, for what an attacker with all rights would do. */
  client(): S3Client
  /** Its data goes too. */
  stop(): Promise<void>
}

export interface BucketSettings {
  /** Default true; it brings versions with it. */
  readonly objectLock?: boolean
  /** What a new version gets; default COMPLIANCE, 7 years, where the bucket has Object Lock. */
  readonly retention?: {readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days?: number; readonly years?: number} | 'none'
  /** Without Object Lock; default false. */
  readonly versioning?: boolean
}

export interface TestBucket {
  readonly name: string
  /** `s3://NAME/evidence?region=us-east-1&endpoint=http://127.0.0.1:PORT`: a prefix, as in a bucket that serves others too. */
  readonly address: string
}

const REGION = 'us-east-1'
const ATTEMPTS = 3
const READY_WITHIN_MS = 30_000

/** `$1` the program, `$2` its folder, `$3` its address. */
const KEEPER = `
exec 3<&0
"$1" server --quiet --address "$3" "$2/data" >"$2/log" 2>&1 </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; kill "$server") &
wait "$server"
code=$?
kill $! 2>/dev/null
test "$code" = 0 || cat "$2/log" >&2
rm -rf "$2"
exit "$code"
`

export async function startS3(attempts = ATTEMPTS): Promise<S3Server> {
  const host = `127.0.0.1:${await freePort()}`
  const folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-s3-'))
  const endpoint = `http://${host}`
  const settings = {MINIO_ROOT_USER: 'synthetic', MINIO_ROOT_PASSWORD: 'synthetic-secret', MINIO_BROWSER: 'off', MINIO_UPDATE: 'off', MINIO_CI_CD: 'on'}
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', builtTool('minio'), folder, host], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Out of reach of the interrupt key: the pipe is what ends it.
    detached: true,
    env: {PATH: process.env['PATH'], HOME: folder, ...settings},
  })
  const ended = once(keeper, 'exit')
  if (!(await isReady(endpoint, keeper))) {
    keeper.stdin.end()
    await ended
    // Somebody else may have taken the port in between.
    if (attempts > 1) return startS3(attempts - 1)
    throw new Error(`the S3 server did not start: ${Buffer.concat(await keeper.stderr.toArray()).toString()}`)
  }
  const env = awsEnvironment(settings.MINIO_ROOT_USER, settings.MINIO_ROOT_PASSWORD)
  const clients: S3Client[] = []
  const client = () => {
    const made = ownerOf(endpoint, env)
    clients.push(made)
    return made
  }
  const owner = client()
  let buckets = 0
  return {
    endpoint,
    env,
    client,
    async makeBucket(bucket) {
      buckets += 1
      return makeBucket(owner, `evidence-${buckets}`, endpoint, bucket)
    },
    async stop() {
      for (const one of clients) one.destroy()
      keeper.stdin.end()
      await ended
    },
  }
}

/** The SDK looks at the variables of the process itself: in every test of the `describe` that calls it they are these, and no others of AWS. */
export function asAwsEnvironment(env: () => Readonly<Record<string, string>>): void {
  const own = {...process.env}
  beforeEach(() => {
    const without = Object.entries(own).filter(([name]) => !name.startsWith('AWS_'))
    process.env = {...Object.fromEntries(without), ...env()}
  })
  afterEach(() => {
    process.env = {...own}
  })
}

function awsEnvironment(user: string, secret: string): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: user,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }
}

function ownerOf(endpoint: string, env: Readonly<Record<string, string>>): S3Client {
  const credentials = {accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? ''}
  return new S3Client({endpoint, region: REGION, forcePathStyle: true, credentials})
}

async function makeBucket(owner: S3Client, name: string, endpoint: string, settings: BucketSettings = {}): Promise<TestBucket> {
  const {objectLock = true, retention = {mode: 'COMPLIANCE', years: 7}, versioning = false} = settings
  await owner.send(new CreateBucketCommand({Bucket: name, ObjectLockEnabledForBucket: objectLock}))
  if (versioning) await owner.send(new PutBucketVersioningCommand({Bucket: name, VersioningConfiguration: {Status: 'Enabled'}}))
  if (objectLock && retention !== 'none') {
    const {mode, days, years} = retention
    const rule = {DefaultRetention: {Mode: mode, ...(days !== undefined && {Days: days}), ...(years !== undefined && {Years: years})}}
    await owner.send(new PutObjectLockConfigurationCommand({Bucket: name, ObjectLockConfiguration: {ObjectLockEnabled: 'Enabled', Rule: rule}}))
  }
  return {name, address: `s3://${name}/evidence?region=${REGION}&endpoint=${endpoint}`}
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function isReady(endpoint: string, keeper: ChildProcess): Promise<boolean> {
  const until = Date.now() + READY_WITHIN_MS
  while (Date.now() < until && keeper.exitCode === null) {
    // oxlint-disable-next-line no-await-in-loop -- asked until it answers
    const answer = await fetch(`${endpoint}/minio/health/ready`).catch(() => undefined)
    if (answer?.ok === true) return true
    // oxlint-disable-next-line no-await-in-loop -- as above
    await wait(50)
  }
  return false
}
