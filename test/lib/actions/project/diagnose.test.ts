import assert from 'node:assert/strict'
import {diagnose} from '../../../../src/lib/actions/project/diagnose.ts'
import type {Check} from '../../../../src/lib/actions/project/diagnosis.ts'
import {Environment} from '../../../../src/lib/config/schema.ts'
import {AppError, type ReasonCode} from '../../../../src/lib/errors.ts'
import {testSigner} from '../../../fakes/checkpoints.ts'
import {KEY_PIN, NOW, fakeDoctor} from '../../../fakes/doctor-context.ts'

describe('actions/diagnose', () => {
  /** The line of `name`, and the exit code of the whole. */
  async function line(name: string, changes: Parameters<typeof fakeDoctor>[0]): Promise<Check & {readonly whole: number}> {
    const {checks, exitCode} = await diagnose(fakeDoctor(changes))
    const check = checks.find((one) => one.name === name)
    assert.ok(check !== undefined, name)
    return {...check, whole: exitCode}
  }

  it('finds nothing on a good machine, one line a thing, with the facts for programs', async () => {
    const {exitCode, checks} = await diagnose(fakeDoctor())
    assert.equal(exitCode, 0)
    const names = [
      'node',
      'syft',
      'trivy',
      'semgrep',
      'cosign',
      'trivy database',
      'trivy java index',
      'configuration',
      'policy',
      'evidence store',
      'signing key',
      'sealing',
      'registry',
      'clock',
      'ci',
    ]
    assert.deepEqual(
      checks.map(({name, state}) => [name, state]),
      names.map((name) => [name, 'ok']),
    )
    assert.deepEqual(checks[1]?.facts, {version: '1.51.0', path: '/bin/syft', from: 'path', sha256: 'a'.repeat(64)})
  })

  it('goes on after a tool that is missing, and says what to type', async () => {
    const gone = async (): Promise<never> => {
      throw new AppError('tool.missing', 'trivy was not found', {fix: 'npm run setup'})
    }
    const {exitCode, checks} = await diagnose(fakeDoctor({probe: {tool: gone}}))
    assert.equal(exitCode, 3)
    assert.equal(checks.length, 15)
    assert.deepEqual(checks[2], {
      name: 'trivy',
      state: 'missing',
      message: 'trivy was not found',
      fix: 'npm run setup',
      facts: {code: 'tool.missing'},
      exitCode: 3,
    })
  })

  it('lets a fault of ours be a fault of ours', async () => {
    await assert.rejects(
      diagnose(
        fakeDoctor({
          probe: {
            async tool() {
              throw new TypeError('ours')
            },
          },
        }),
      ),
      TypeError,
    )
  })

  it('refuses a Node outside of the range', async () => {
    for (const version of ['20.20.2', '23.0.0', '24.14.9', '25.1.0']) {
      const {state, whole} = await line('node', {probe: {node: {version, path: '/bin/node'}}})
      assert.deepEqual([state, whole], ['wrong', 3], version)
    }
  })

  it('judges the database by the age that the gate allows', async () => {
    const aged = (hours: number) => ({
      probe: {
        advisories: async () => ({
          folder: '/db',
          vulnerabilities: {updatedAt: new Date(NOW.getTime() - hours * 3_600_000).toISOString(), sha256: 'b'.repeat(64), sources: ['debian 12']},
        }),
      },
    })
    assert.equal((await line('trivy database', aged(23))).state, 'ok')
    const old = await line('trivy database', aged(25))
    assert.deepEqual([old.state, old.whole, old.fix], ['warn', 0, 'hipaa-ci scan TARGET --update-db'])
    assert.match(old.message, /is 25 h old, and 24 h are allowed/)
    assert.equal((await line('trivy database', {...aged(25), config: {gate: {vulnerabilities: {'database-max-age': '3d'}}}})).state, 'ok')
    assert.match((await line('trivy database', aged(-1))).message, /in the future/)
  })

  it('calls an absent database missing, and an absent, empty or old Java index something to know', async () => {
    const none = await line('trivy database', {probe: {advisories: async () => ({folder: '/db'})}})
    assert.deepEqual([none.state, none.whole], ['missing', 3])
    const java = (rows: number, nextUpdate: string) =>
      line('trivy java index', {probe: {advisories: async () => ({folder: '/db', java: {updatedAt: nextUpdate, nextUpdate, rows}})}})
    assert.equal((await line('trivy java index', {probe: {advisories: async () => ({folder: '/db'})}})).state, 'warn')
    assert.match((await java(0, '2026-07-01T00:00:00.000Z')).message, /is empty/)
    assert.match((await java(9, '2026-06-01T00:00:00.000Z')).message, /was to be renewed on 2026-06-01/)
  })

  it('reports a faulty configuration and looks at the rest all the same', async () => {
    const {exitCode, checks} = await diagnose(fakeDoctor({config: new AppError('config.invalid', 'hipaa-ci.yaml:3:1: unknown key')}))
    assert.equal(exitCode, 2)
    assert.deepEqual(
      checks.filter(({state}) => state !== 'ok').map(({name, state}) => [name, state]),
      [
        ['configuration', 'wrong'],
        ['policy', 'could-not-check'],
        ['evidence store', 'could-not-check'],
        ['signing key', 'could-not-check'],
        ['sealing', 'could-not-check'],
        ['registry', 'could-not-check'],
      ],
    )
  })

  it("holds each environment's policy against its pins, and the platform's", async () => {
    const policy = (environment: object, platform?: object) => {
      const context = fakeDoctor({config: {environments: {production: environment}}})
      assert.ok(!(context.config instanceof AppError))
      const config = platform === undefined ? context.config : {...context.config, platform: {production: Environment.parse(platform)}}
      return diagnose({...context, config}).then(({checks, exitCode}) => ({...(checks.find(({name}) => name === 'policy') ?? assert.fail()), whole: exitCode}))
    }
    const signedBy = (pin: object) => ({requires: {signature: {keys: [pin]}}})
    const wrongPin = {...KEY_PIN, spki: `sha256:${'0'.repeat(64)}`}
    assert.equal((await policy(signedBy(KEY_PIN))).message, 'production')
    assert.equal((await policy(signedBy(KEY_PIN), signedBy(KEY_PIN))).message, "production, under the platform's policy")
    assert.deepEqual([(await policy({})).state, (await policy({})).whole], ['warn', 0])

    const wrong = await policy(signedBy(wrongPin))
    assert.deepEqual([wrong.state, wrong.whole, wrong.facts], ['wrong', 2, {code: 'policy.invalid', environment: 'production'}])
    assert.match(wrong.message, /^production: the key in .* is sha256:[0-9a-f]{64}, but environments\.production\.requires\.signature\.keys pins sha256:0{64}$/)
    const gone = await policy(signedBy({...KEY_PIN, file: 'keys/gone.pub'}))
    assert.deepEqual([gone.state, gone.whole], ['wrong', 2])
    assert.match(gone.message, /^production: there is no public key \/app\/keys\/gone\.pub, which environments\.production\.requires\.signature\.keys names$/)
    assert.equal((await policy(signedBy(KEY_PIN), signedBy(wrongPin))).state, 'wrong')
    assert.match((await line('policy', {config: {environments: {}}})).message, /^not looked at/)
  })

  it('looks at the store: rights, room, reach', async () => {
    const store = (facts: object) => line('evidence store', {probe: {store: async () => ({exists: false, writable: true, freeBytes: 2 ** 40, ...facts})}})
    assert.match((await store({})).message, /folder:\/app\/evidence, made with the first record, 1024\.0 GiB free/)
    assert.equal((await store({freeBytes: 5e8})).state, 'warn')
    const sealed = await store({writable: false})
    assert.deepEqual([sealed.state, sealed.whole], ['wrong', 4])
    const away = await line('evidence store', {
      probe: {
        async store() {
          throw new AppError('store.unreachable', 'away')
        },
      },
    })
    assert.deepEqual([away.state, away.whole], ['could-not-check', 4])
  })

  it('looks at a bucket: reach, and whether it keeps what is written', async () => {
    const strict = {versioning: 'enabled', objectLock: 'enabled', defaultRetention: {mode: 'COMPLIANCE', days: 2555}, lifecycle: 'none', refused: []} as const
    const store = (settings: object) =>
      line('evidence store', {
        config: {store: 's3://records/clinic'},
        probe: {bucket: async () => ({...strict, ...settings}), store: async () => assert.fail('it is no folder')},
      })
    assert.deepEqual(await store({}).then(({state, message}) => [state, message]), ['ok', 's3://records/clinic answers, locks for 2555 days (COMPLIANCE)'])
    const writer = await store({versioning: 'unknown', objectLock: 'unknown', defaultRetention: undefined, refused: ['versioning', 'object-lock', 'policy']})
    assert.deepEqual([writer.state, writer.message], ['ok', 's3://records/clinic answers; this role may not see: versioning, object-lock, policy'])
    for (const unfit of [
      {versioning: 'off', objectLock: 'off'},
      {defaultRetention: {mode: 'GOVERNANCE', days: 2555}},
      {defaultRetention: {mode: 'COMPLIANCE', days: 30}},
    ])
      assert.deepEqual([(await store(unfit)).state, (await store(unfit)).fix], ['warn', 'See what makes it right: hipaa-ci store init'])
    const away = await line('evidence store', {
      config: {store: 's3://records/clinic'},
      probe: {
        async bucket() {
          throw new AppError('store.refused', 'there are no AWS credentials')
        },
      },
    })
    assert.deepEqual([away.state, away.whole], ['could-not-check', 4])
    assert.equal((await line('clock', {config: {store: 's3://records/clinic'}, probe: {store: async () => assert.fail('it is no folder')}})).state, 'ok')
  })

  it('looks at the key: there, mode, git', async () => {
    const key = (mode: number, tracking: 'ignored' | 'tracked' | 'untracked' | 'no-repository') =>
      line('signing key', {probe: {keyFile: async () => ({mode, tracking})}})
    assert.equal((await key(0o400, 'no-repository')).state, 'ok')
    const open = await key(0o644, 'ignored')
    assert.deepEqual([open.state, open.fix], ['warn', 'chmod 600 /app/cosign.key'])
    assert.match((await key(0o600, 'tracked')).message, /is in git/)
    assert.equal((await key(0o600, 'untracked')).fix, "echo '/cosign.key' >> .gitignore")
    const ignoring = async (path: string) =>
      (await line('signing key', {config: {signing: {key: `file:${path}`}}, probe: {keyFile: async () => ({mode: 0o600, tracking: 'untracked'})}})).fix
    assert.equal(await ignoring('/app/keys/new.key'), "echo '/keys/new.key' >> .gitignore")
    assert.equal(await ignoring('/elsewhere/new.key'), "echo '/new.key' >> '/elsewhere/.gitignore'")
    const gone = await line('signing key', {probe: {keyFile: async () => undefined}})
    assert.deepEqual([gone.state, gone.whole], ['missing', 3])
    assert.deepEqual([(await line('signing key', {config: {signing: {}}})).state], ['warn'])
    const remote = await line('signing key', {config: {signing: {key: 'awskms:///alias/image-signing'}}})
    assert.deepEqual([remote.state, /not asked here: hipaa-ci keys show/.test(remote.message)], ['ok', true])
  })

  it('looks at the key that seals, and whose the log is', async () => {
    const origin = 'patient-api.local/evidence'
    const key = testSigner('ed25519', origin).verifier.text
    const sealing = (given: object | undefined) => line('sealing', {config: {sealing: given}})
    const file = (facts: object | undefined) =>
      line('sealing', {probe: {keyFile: async () => (facts === undefined ? undefined : {mode: 0o600, tracking: 'ignored', ...facts})}})
    assert.deepEqual([(await file({})).message, (await file({})).facts?.['origin']], [`${origin}, by /app/checkpoint.key, mode 0600, ignored by git`, origin])
    assert.match((await file({tracking: 'tracked'})).message, /whoever can read the repository can seal/)
    assert.deepEqual([(await file({mode: 0o644})).state, (await file({mode: 0o644})).fix], ['warn', 'chmod 600 /app/checkpoint.key'])
    assert.deepEqual([(await file(undefined)).state, (await file(undefined)).whole], ['missing', 3])

    const none = await sealing(undefined)
    assert.deepEqual([none.state, none.whole], ['warn', 0])
    assert.match((await sealing({origin, keys: [key]})).message, /is sealed elsewhere; here 1 of its keys count/)
    assert.match((await sealing({origin, key: 'awskms:///alias/evidence-checkpoint'})).message, /in a key service, which is not asked here/)
    const stray = await sealing({origin, keys: [testSigner('ed25519', 'other.example/log').verifier.text]})
    assert.deepEqual([stray.state, stray.fix], ['warn', 'Correct `sealing.keys`.'])
    const broken = await sealing({origin, keys: [`${origin}+00000000+AQID`]})
    assert.deepEqual([broken.state, broken.whole], ['wrong', 2])
  })

  it('asks each named repository once, and tells reach from refusal', async () => {
    const asked: string[] = []
    const registry = async (repository: string) => {
      asked.push(repository)
      if (repository.startsWith('down')) throw new AppError('registry.unreachable', 'down.example did not answer')
    }
    const environments = {a: {repository: 'up.example/x'}, b: {repository: 'down.example/y'}, c: {repository: 'up.example/x'}, d: {}}
    const {exitCode, checks} = await diagnose(fakeDoctor({config: {environments}, probe: {registry}}))
    assert.deepEqual(asked, ['up.example/x', 'down.example/y'])
    assert.deepEqual(
      checks.filter(({name}) => name === 'registry').map(({state, message}) => [state, message]),
      [
        ['ok', 'up.example/x answers'],
        ['could-not-check', 'down.example/y: down.example did not answer'],
      ],
    )
    assert.equal(exitCode, 4)
    assert.match((await line('registry', {config: {environments: {}}})).message, /^not looked at/)
  })

  it('says what the clock was compared with, and that no time server was asked', async () => {
    assert.match((await line('clock', {})).message, /fits the file system, the newest record, the vulnerability database \(no time server was asked\)/)
    const late = (newestRecord: string) => line('clock', {probe: {store: async () => ({exists: true, writable: true, freeBytes: 2 ** 40, newestRecord})}})
    assert.match((await late('2026-06-15T12:02:00.000Z')).message, /is behind the newest record/)
    assert.match((await line('clock', {probe: {fileTime: async () => new Date(NOW.getTime() - 120_000)}})).message, /differs from the file system's by 120 s/)
    assert.match((await line('clock', {now: () => new Date('1970-01-02T00:00:00Z')})).message, /is before 2026/)
  })

  it('keeps the clock out of the way of a store that cannot be looked at', async () => {
    const code: ReasonCode = 'store.unsupported'
    const check = await line('clock', {
      probe: {
        async store() {
          throw new AppError(code, 's3')
        },
      },
    })
    assert.equal(check.state, 'ok')
  })

  it('tells what the platform says', async () => {
    const ci = {
      platform: 'github-actions',
      ci: true,
      source: 'acme/app#ci.yml',
      job: 'build',
      actor: {human: {id: 'dev', issuer: 'github.com', basis: 'claimed' as const}},
      change: {authors: [], commit: 'c'.repeat(40), ref: 'refs/heads/main'},
      dirty: true,
    }
    const check = await line('ci', {ci})
    assert.equal(check.message, 'github-actions, acme/app#ci.yml, commit cccccccccccc with changes, by dev')
    assert.equal(check.facts?.['ref'], 'refs/heads/main')
  })
})
