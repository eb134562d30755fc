import assert from 'node:assert/strict'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {requireSystem} from '../../../src/lib/config/load.ts'
import {UNNAMED_SYSTEM} from '../../../src/lib/config/schema.ts'
import {configFolder, MINIMAL} from './config-folder.ts'

describe('loadConfig', () => {
  const folder = configFolder()

  describe('finding it', () => {
    it('looks upwards and starts relative paths from the folder of the file', async () => {
      await mkdir(join(folder.path, 'a', 'b'), {recursive: true})
      const config = await folder.load(`${MINIMAL}signing: {key: "file:cosign.key"}\nredaction: {key: "file:/etc/secret"}\n`, {
        cwd: join(folder.path, 'a', 'b'),
      })
      assert.equal(config.root, folder.path)
      assert.equal(config.file, join(folder.path, 'hipaa-ci.yaml'))
      assert.equal(config.store, `folder:${join(folder.path, '.hipaa-ci/evidence')}`)
      assert.equal(config.signing.key, `file:${join(folder.path, 'cosign.key')}`)
      assert.equal(config.redaction.key, 'file:/etc/secret')
    })

    it('takes the nearest of several', async () => {
      await mkdir(join(folder.path, 'a'))
      await writeFile(join(folder.path, 'a', 'hipaa-ci.yaml'), 'version: 1\nsystem: nearer\n')
      assert.equal((await folder.load(MINIMAL, {cwd: join(folder.path, 'a')})).system, 'nearer')
    })

    it('takes --config before HIPAA_CI_CONFIG before the one above', async () => {
      await writeFile(join(folder.path, 'one.yaml'), 'version: 1\nsystem: one\n')
      await writeFile(join(folder.path, 'two.yaml'), 'version: 1\nsystem: two\n')
      const env = {HIPAA_CI_CONFIG: 'two.yaml'}
      assert.equal((await folder.load(MINIMAL, {path: 'one.yaml', env})).system, 'one')
      assert.equal((await folder.load(MINIMAL, {env})).system, 'two')
    })

    it('refuses a named file that is not there, and an empty name', async () => {
      assert.match((await folder.refusal(MINIMAL, {path: 'no where.yaml'})).suggestions.join('\n'), /hipaa-ci init --file 'no where\.yaml'$/)
      assert.equal((await folder.refusal(MINIMAL, {path: 'nowhere.yaml'})).code, 'config.missing')
      assert.equal((await folder.refusal(MINIMAL, {env: {HIPAA_CI_CONFIG: 'nowhere.yaml'}})).code, 'config.missing')
      assert.equal((await folder.refusal(MINIMAL, {path: ''})).code, 'usage.empty')
      assert.equal((await folder.refusal(MINIMAL, {env: {HIPAA_CI_CONFIG: ''}})).code, 'usage.empty')
    })

    it('does not pass over hipaa-ci.yml as if there were no limits', async () => {
      await writeFile(join(folder.path, 'hipaa-ci.yml'), MINIMAL)
      const {code, message} = await folder.refusal(undefined, {env: {HIPAA_CI_SYSTEM: 'x'}})
      assert.equal(code, 'config.invalid')
      assert.match(message, /hipaa-ci\.yml is not read/)
    })

    it('needs a system, and takes it from HIPAA_CI_SYSTEM where there is no file', async () => {
      assert.equal((await folder.refusal(undefined)).code, 'config.missing')
      const config = await folder.load(undefined, {env: {HIPAA_CI_SYSTEM: 'from-variable'}})
      assert.deepEqual({system: config.system, root: config.root, file: config.file}, {system: 'from-variable', root: folder.path, file: undefined})
      assert.deepEqual(config.gate.vulnerabilities, {critical: 0, high: 0, 'only-fixed': false, 'database-max-age': 86_400_000})
    })

    it('lets a reading command go on without one, and lets nothing be recorded so', async () => {
      const config = await folder.load(undefined, {system: 'optional', overrides: {store: 'folder:evidence'}})
      assert.equal(config.system, UNNAMED_SYSTEM)
      assert.equal(config.store, `folder:${join(folder.path, 'evidence')}`)
      assert.throws(() => requireSystem(config), {code: 'config.missing'})
      requireSystem(await folder.load(MINIMAL))
      assert.deepEqual(await folder.faults(`version: 1\nsystem: ${UNNAMED_SYSTEM}\n`), ['hipaa-ci.yaml:2:9: system: is a reserved name'])
    })
  })

  describe('variables and flags', () => {
    it('win over the file, flags over variables', async () => {
      const env = {
        HIPAA_CI_STORE: 'folder:from-variable',
        HIPAA_CI_GATE_SECRETS: '3',
        HIPAA_CI_GATE_VULNERABILITIES_DATABASE_MAX_AGE: '7d',
        HIPAA_CI_GATE_VULNERABILITIES_ONLY_FIXED: 'true',
      }
      const config = await folder.load(`${MINIMAL}store: folder:from-file\ngate: {secrets: 1, vulnerabilities: {medium: 4}}\n`, {
        env,
        overrides: {store: 'folder:from-flag', system: undefined},
      })
      assert.equal(config.store, `folder:${join(folder.path, 'from-flag')}`)
      assert.equal(config.gate.secrets, 3)
      assert.deepEqual(config.gate.vulnerabilities, {critical: 0, high: 0, medium: 4, 'only-fixed': true, 'database-max-age': 604_800_000})
    })

    it('start their relative paths from the working folder', async () => {
      await mkdir(join(folder.path, 'a'))
      const config = await folder.load(MINIMAL, {cwd: join(folder.path, 'a'), env: {HIPAA_CI_SIGNING_KEY: 'file:k.key'}, overrides: {store: 'folder:e'}})
      assert.equal(config.signing.key, `file:${join(folder.path, 'a', 'k.key')}`)
      assert.equal(config.store, `folder:${join(folder.path, 'a', 'e')}`)
    })

    it('are refused when empty, naming every one', async () => {
      const {code, message} = await folder.refusal(MINIMAL, {env: {HIPAA_CI_STORE: '', HIPAA_CI_GATE_SECRETS: ' ', HIPAA_CI_RUN: 'x'}})
      assert.equal(code, 'usage.empty')
      assert.equal(message, 'HIPAA_CI_STORE and HIPAA_CI_GATE_SECRETS are empty')
    })

    it('are refused when they set nothing, with the nearest that does', async () => {
      const env = {
        HIPAA_CI_GATE_SECRET: '0',
        HIPAA_CI_VERSION: '1',
        HIPAA_CI_RUN: 'r',
        HIPAA_CI_CACHE: 'c',
        HIPAA_CI_TRIVY_CACHE: 't',
        HIPAA_CI_SEALING_PASSWORD: 'p',
        HIPAA: 'x',
      }
      assert.deepEqual(await folder.faults(MINIMAL, {env}), [
        'HIPAA_CI_GATE_SECRET: unknown variable; did you mean HIPAA_CI_GATE_SECRETS?',
        'HIPAA_CI_VERSION: unknown variable',
      ])
    })

    it('are refused with their own name where the value is wrong', async () => {
      const env = {HIPAA_CI_GATE_SECRETS: 'none', HIPAA_CI_QUERY_ENGINE: 'athena', HIPAA_CI_GATE_VULNERABILITIES_ONLY_FIXED: 'yes'}
      assert.deepEqual(await folder.faults(`${MINIMAL}gate: {secret: 1}\n`, {env, overrides: {store: 'ftp://bucket'}}), [
        'hipaa-ci.yaml:3:8: gate.secret: unknown key; did you mean secrets?',
        '--store: store: must be folder:PATH or s3://BUCKET/PREFIX?region=REGION',
        'HIPAA_CI_GATE_SECRETS: gate.secrets: must be a number, not "none"',
        'HIPAA_CI_GATE_VULNERABILITIES_ONLY_FIXED: gate.vulnerabilities.only-fixed: must be true or false, not "yes"',
        'HIPAA_CI_QUERY_ENGINE: query.engine: "athena" is not supported by this version; use duckdb',
      ])
    })

    it('do not hide a fault of the file that stands in their way', async () => {
      assert.deepEqual(await folder.faults(`${MINIMAL}gate: none\n`, {env: {HIPAA_CI_GATE_SECRETS: '1'}}), [
        'hipaa-ci.yaml:3:7: gate: must be a mapping, not "none"',
      ])
    })

    it('that the file points to as secrets are no settings', async () => {
      const env = {HIPAA_CI_REDACTION_KEY: 's3cret', HIPAA_CI_MY_SECRET: 'other'}
      assert.equal(
        (await folder.load(`${MINIMAL}redaction: {key: "env:HIPAA_CI_REDACTION_KEY"}\n`, {env: {HIPAA_CI_REDACTION_KEY: 's3cret'}})).redaction.key,
        'env:HIPAA_CI_REDACTION_KEY',
      )
      assert.ok(!(await folder.refusal(MINIMAL, {env})).message.includes('s3cret'))
    })
  })

  it('keeps the worst severities at none where only others are named', async () => {
    const {gate} = await folder.load(`${MINIMAL}gate: {vulnerabilities: {medium: 20}, misconfigurations: {low: 1}, code: {warning: 50}}\n`)
    assert.deepEqual(
      [gate.vulnerabilities.critical, gate.vulnerabilities.high, gate.misconfigurations.critical, gate.misconfigurations.high, gate.code?.error],
      [0, 0, 0, 0, 0],
    )
  })
})
