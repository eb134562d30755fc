/** Logins of Amazon's registry. Whether a registry takes them is in tls.test.ts: ECR is spoken to by HTTPS only. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import process from 'node:process'
import {AppError} from '../../../src/lib/errors.ts'
import {findCredentials} from '../../../src/lib/registry/credentials.ts'
import {ecrLogins} from '../../../src/lib/registry/ecr-login.ts'
import {parseEcrHost} from '../../../src/lib/registry/ecr-host.ts'
import {startEcrServer, type EcrServer} from './ecr-server.ts'
import {scratchFolder} from './settings.ts'

describe('parseEcrHost', () => {
  for (const [host, expected] of [
    ['000000000000.dkr.ecr.eu-west-1.amazonaws.com', {region: 'eu-west-1', fips: false, dualStack: false}],
    ['000000000000.dkr.ecr-fips.us-gov-west-1.amazonaws.com', {region: 'us-gov-west-1', fips: true, dualStack: false}],
    ['000000000000.dkr.ecr.cn-north-1.amazonaws.com.cn', {region: 'cn-north-1', fips: false, dualStack: false}],
    ['000000000000.dkr-ecr.us-east-2.on.aws', {region: 'us-east-2', fips: false, dualStack: true}],
    ['000000000000.dkr-ecr-fips.us-east-2.on.aws', {region: 'us-east-2', fips: true, dualStack: true}],
  ] as const) {
    it(`knows ${host}`, () => assert.deepEqual(parseEcrHost(host), {host, ...expected}))
  }

  for (const host of [
    '000000000000.dkr.ecr.eu-west-1.amazonaws.com.example.com',
    'x000000000000.dkr.ecr.eu-west-1.amazonaws.com',
    '00000000000.dkr.ecr.eu-west-1.amazonaws.com',
    '000000000000.dkr.ecr.eu-west-1.amazonaws.com:8443',
    '000000000000.dkr.ecr.eu-west-1.example.com/.amazonaws.com',
    'public.ecr.aws',
    'dkr.ecr.eu-west-1.amazonaws.com',
    '000000000000-dkr-ecr.eu-west-1.on.aws',
  ]) {
    it(`is not taken in by ${host}`, () => assert.equal(parseEcrHost(host), undefined))
  }
})

describe('the login for ECR', () => {
  const environment = {...process.env}
  let ecr: EcrServer
  let account = 0
  let host: string
  beforeEach(async () => {
    ecr = await startEcrServer()
    account += 1
    // Logins are kept for the process: a registry of its own for each test.
    host = `${String(account).padStart(12, '0')}.dkr.ecr.eu-west-1.amazonaws.com`
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_ECR: ecr.url,
      AWS_ACCESS_KEY_ID: 'SYNTHETIC',
      AWS_SECRET_ACCESS_KEY: 'synthetic',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    })
  })
  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
    Object.assign(process.env, environment)
    await ecr.stop()
  })

  const login = () =>
    findCredentials(host, {dockerConfig: join(scratchFolder(), 'none.json'), askHelper: () => Promise.reject(new Error('no helper is named'))})
  const refusal = async (): Promise<AppError> => {
    const error: unknown = await login().then(
      () => assert.fail('it gave a login'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof AppError, String(error))
    assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /synthetic/i)
    return error
  }

  it('is that of AWS, for the region in its name, asked for once while it lasts', async () => {
    const found = await Promise.all([login(), login()])
    assert.deepEqual(
      [...found, await login()].map(({credentials}) => credentials),
      [1, 2, 3].map(() => ({kind: 'password', username: 'AWS', password: 'synthetic-1'})),
    )
    assert.deepEqual(ecr.regions, ['eu-west-1'])
  })

  it('is asked for again five minutes before it ends', async () => {
    ecr.lasts = 4 * 60_000
    await login()
    ecr.lasts = 6 * 60_000
    await login()
    assert.equal(ecr.regions.length, 2)
    await login()
    assert.equal(ecr.regions.length, 2)
  })

  describe('in a process that runs for days', () => {
    const HOUR = 3_600_000
    /** A clock of its own, and the same ECR. */
    const days = () => {
      const clock = {ahead: 0}
      const {login: ask, renew} = ecrLogins(() => Date.now() + clock.ahead)
      const of = parseEcrHost(host) ?? assert.fail(host)
      return {
        clock,
        renew,
        password: async () => {
          const {credentials} = await ask(of)
          return credentials?.kind === 'password' ? credentials.password : undefined
        },
      }
    }

    it('is renewed when three quarters of its life are over, and not before', async () => {
      const {clock, renew, password} = days()
      assert.deepEqual([await renew(), await password()], [[], 'synthetic-1'])
      clock.ahead = 8.9 * HOUR
      assert.deepEqual([await renew(), ecr.regions.length], [[], 1])
      clock.ahead = 9 * HOUR
      assert.deepEqual(await Promise.all([renew(), renew()]), [[{host}], [{host}]])
      assert.deepEqual([await password(), ecr.regions.length], ['synthetic-2', 2])
    })

    it('is taken as it is while a new one is on its way: no request waits', async () => {
      const {clock, renew, password} = days()
      await password()
      clock.ahead = 10 * HOUR
      ecr.hold()
      const renewing = renew()
      assert.equal(await password(), 'synthetic-1')
      ecr.release()
      assert.deepEqual([await renewing, await password()], [[{host}], 'synthetic-2'])
    })

    it('goes on while it cannot be renewed, which is told, and is asked for again at each look', async () => {
      const {clock, renew, password} = days()
      await password()
      clock.ahead = 9.5 * HOUR
      ecr.fails = {status: 400, type: 'AccessDeniedException'}
      for (const looks of [1, 2]) {
        const [told, ...others] = await renew()
        assert.deepEqual(
          [told?.host, told?.fault?.code, others, await password(), ecr.regions.length],
          [host, 'registry.refused', [], 'synthetic-1', 1 + looks],
        )
      }
      ecr.fails = undefined
      assert.deepEqual([await renew(), await password()], [[{host}], 'synthetic-4'])
    })
  })

  it('is refused without the right, with the right that is needed', async () => {
    ecr.fails = {status: 400, type: 'AccessDeniedException'}
    const error = await refusal()
    assert.equal(error.code, 'registry.refused')
    assert.match(error.suggestions.join(' '), /ecr:GetAuthorizationToken/)
    ecr.fails = undefined
    assert.ok((await login()).credentials, 'a failure is not kept')
  })

  it('is refused where credentials have ended', async () => {
    ecr.fails = {status: 400, type: 'ExpiredTokenException'}
    assert.match((await refusal()).message, /ExpiredTokenException/)
  })

  it('is refused where there are no AWS credentials', async () => {
    delete process.env['AWS_ACCESS_KEY_ID']
    const error = await refusal()
    assert.equal(error.code, 'registry.refused')
    assert.match(error.message, /no AWS credentials/)
    assert.equal(ecr.regions.length, 0)
  })

  it('is out of reach where AWS is', async () => {
    ecr.fails = {status: 500, type: 'ServerException'}
    assert.equal((await refusal()).code, 'registry.unreachable')
    process.env['AWS_ENDPOINT_URL_ECR'] = 'http://127.0.0.1:1'
    const error = await refusal()
    assert.equal(error.code, 'registry.unreachable')
    assert.match(error.message, /ECONNREFUSED/)
  }).timeout(20_000)
})
