/** Files and keys in memory; what is recorded goes through the real recorder. */
import assert from 'node:assert/strict'
import {rotateKey} from '../../../../src/lib/actions/keys/rotate-key.ts'
import type {RotateRequest} from '../../../../src/lib/actions/keys/plan-rotation.ts'
import {showKeys} from '../../../../src/lib/actions/keys/show-keys.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {ProjectFiles} from '../../../../src/lib/ports/context.ts'
import type {RunTool} from '../../../../src/lib/ports/tools.ts'
import {createSigner, type TestSigner} from '../../../fakes/dsse-signer.ts'
import {verdictContext, type VerdictContext} from '../../../fakes/verdict-context.ts'

const [old, next, other] = [createSigner(), createSigner(), createSigner()]
const pin = (signer: TestSigner) => `sha256:${signer.spki}`
const FILE = '/policy/hipaa-ci.yaml'
const NEW_FILE = `keys/new-${next.spki.slice(0, 8)}.pub`

/** Comments and quotes as people write them. */
const TEXT = `version: 1
system: patient-api
# who signs
signing: {key: "file:old.key"}   # in the vault
environments:
  staging:
    requires:
      signature:
        keys:
          - {spki: "${pin(old)}", file: keys/old.pub, status: active} # the first
      provenance: {builders: [{id: "https://builder.example/a", key: "${pin(old)}", level: 2}]}
  production:
    requires:
      signature:
        keys:
          - spki: "${pin(old)}"
            file: keys/old.pub
            from: 2026-01-01

      sbom: {}
  elsewhere:
    requires: {signature: {keys: [{spki: "${pin(other)}", file: keys/other.pub}]}}
`

interface Project extends VerdictContext {
  readonly disk: Map<string, string>
  text(): string
  pins(environment: string): readonly Record<string, string>[]
}

interface Place {
  readonly disk?: Map<string, string>
  /** Key files that are gone. */
  readonly lost?: readonly string[]
  readonly variables?: Readonly<Record<string, string>>
}

function project(text = TEXT, {disk = new Map(), lost = [], variables = {}}: Place = {}): Project {
  if (!disk.has(FILE)) for (const signer of [old, other]) disk.set(`/policy/keys/${signer === old ? 'old' : 'other'}.pub`, signer.pem)
  disk.set(FILE, disk.get(FILE) ?? text)
  const base = verdictContext({images: {}, now: new Date('2026-06-15T12:00:00.000Z')})
  const files: ProjectFiles = {
    read: async (path) => (disk.has(path) ? Buffer.from(disk.get(path) ?? '') : undefined),
    writeNew: async (path, bytes) => void disk.set(path, Buffer.from(bytes).toString()),
    replace: async (path, bytes) => void disk.set(path, Buffer.from(bytes).toString()),
    tracking: async () => 'ignored',
  }
  const halves: Record<string, TestSigner> = {'/policy/old.key': old, '/project/new.key': next, '/policy/new.key': next, '/project/other.key': other}
  const answer = async (_spec: unknown, {reference}: {readonly reference: string}) => ({
    value: halves[reference]?.pem,
    tool: {name: 'cosign', version: '3.1.2', sha256: '0'.repeat(64)},
  })
  const parsed = Config.parse(readDocument(disk.get(FILE) ?? '').value)
  return {
    ...base,
    // As the loader does: paths of the file are made absolute.
    config: {
      ...parsed,
      signing: {...parsed.signing, ...(parsed.signing.key !== undefined && {key: parsed.signing.key.replace(/^file:(?!\/)/, 'file:/policy/')})},
      root: '/policy',
      file: FILE,
    },
    variable: (name) => variables[name],
    project: async () => files,
    files: {
      exists: async (path) => (disk.has(path) || halves[path] !== undefined) && !lost.includes(path),
      async read(path) {
        const there = disk.get(path) ?? (halves[path] === undefined ? undefined : 'a private key')
        if (there === undefined) throw new AppError('usage.input', `cannot read ${path}`)
        return Buffer.from(there)
      },
    },
    runTool: answer as RunTool,
    disk,
    text: () => disk.get(FILE) ?? '',
    pins: (environment) =>
      Config.parse(readDocument(disk.get(FILE) ?? '').value).environments[environment]?.requires?.signature?.keys as unknown as Record<string, string>[],
  }
}
/** The next command of the same person: the file is read anew. */
const again = ({disk}: Project) => project('', {disk})
const rotate = async (context: Project, request: RotateRequest = {}) => rotateKey({to: 'file:new.key', ...request}, context)
const details = async (context: Project) => (await context.records()).map(({data}) => data.detail)

describe('rotateKey', () => {
  it('changes the lines that say which key is trusted, and no other', async () => {
    const context = project()
    const result = await rotate(context)
    assert.equal(result.exitCode, 0)
    const added = `{spki: "${pin(next)}", file: ${NEW_FILE}, from: 2026-06-15, status: active}`
    const expected = TEXT.replace('"file:old.key"', '"file:/project/new.key"')
      .replace('status: active} # the first', `status: retired, until: 2026-06-15} # the first\n          - ${added}`)
      .replace('level: 2}]', `level: 2}, {id: "https://builder.example/a", key: "${pin(next)}", level: 2}]`)
      .replace(
        '            from: 2026-01-01\n',
        `            from: 2026-01-01\n            until: 2026-06-15\n            status: retired\n          - ${added}\n`,
      )
    assert.equal(context.text(), expected)
    assert.equal(context.disk.get(`/policy/${NEW_FILE}`), next.pem)
  })

  it('records what came and what went, with the day and the environments', async () => {
    const context = project()
    await rotate(context)
    const where = {environments: ['staging', 'production'], day: '2026-06-15'}
    assert.deepEqual(await details(context), [
      {action: 'added', what: next.spki, ...where},
      {action: 'retired', what: old.spki, ...where},
    ])
  })

  it('changes nothing the second time, and writes no record of it', async () => {
    const context = project()
    await rotate(context)
    const text = context.text()
    const second = again(context)
    const result = await rotate(second)
    assert.deepEqual([result.changed, result.records], [false, []])
    assert.equal(second.text(), text)
    assert.deepEqual(await details(second), [])
  })

  it('tells the day that the file has, whenever it is asked again', async () => {
    const context = project()
    await rotate(context)
    const later = {...again(context), now: () => new Date('2026-08-01T00:00:00.000Z')}
    const {day, added, changed} = await rotate(later)
    assert.deepEqual([day, added?.from, changed], ['2026-06-15', '2026-06-15', false])
  })

  for (const on of ['2026-06-10', '2026-06-20'])
    it(`refuses ${on} for a rotation that has another day behind it`, async () => {
      const context = project()
      await rotate(context)
      const text = context.text()
      const second = again(context)
      await assert.rejects(rotate(second, {on: new Date(on)}), {code: 'usage.flag', message: /from 2026-06-15 on/})
      assert.equal(second.text(), text)
      assert.deepEqual(await details(second), [])
    })

  it('does not end an announcement by itself: today has to be named, and then both pins move', async () => {
    const context = project()
    await rotate(context, {on: new Date('2026-07-01')})
    const text = context.text()
    await assert.rejects(
      rotate(again(context)),
      (error) => error instanceof AppError && error.code === 'usage.flag' && error.suggestions.join().includes('--on 2026-06-15'),
    )
    assert.equal(context.text(), text)

    const sooner = again(context)
    const result = await rotate(sooner, {on: new Date('2026-06-15')})
    assert.deepEqual([result.day, result.added?.from, result.pending], ['2026-06-15', '2026-06-15', false])
    for (const name of ['staging', 'production'])
      assert.deepEqual(
        sooner.pins(name).map(({status, from, until}) => [status, from, until]),
        [
          ['retired', name === 'staging' ? undefined : '2026-01-01', '2026-06-15'],
          ['active', '2026-06-15', undefined],
        ],
        name,
      )
    assert.match(sooner.notes.join('\n'), /staging: the new key was announced from 2026-07-01 on, and is trusted from 2026-06-15 on now/)
    const where = {environments: ['staging', 'production'], day: '2026-06-15'}
    assert.deepEqual(await details(sooner), [
      {action: 'added', what: next.spki, ...where},
      {action: 'retired', what: old.spki, ...where},
    ])
    const {keys} = await showKeys({}, again(sooner))
    assert.deepEqual(
      keys.filter(({signs}) => signs).map(({state}) => state),
      ['trusted', 'trusted'],
    )
  })

  it('says an announcement again without a record, and makes it no later', async () => {
    const context = project()
    await rotate(context, {on: new Date('2026-07-01')})
    const second = again(context)
    const {changed, pending, day} = await rotate(second, {on: new Date('2026-07-01')})
    assert.deepEqual([changed, pending, day], [false, true, '2026-07-01'])
    assert.deepEqual(await details(second), [])
    await assert.rejects(rotate(again(context), {on: new Date('2026-08-01')}), {code: 'usage.flag', message: /announced from 2026-07-01/})
  })

  it('moves a pin that somebody wrote down for later to the day of the rotation', async () => {
    const by = TEXT.replace(
      'status: active} # the first',
      `status: active} # the first\n          - {spki: "${pin(next)}", file: keys/new.pub, from: 2026-09-01}`,
    )
    const context = project(by)
    await rotate(context, {environments: ['staging']})
    assert.deepEqual(
      context.pins('staging').map(({status, from}) => [status, from]),
      [
        ['retired', undefined],
        ['active', '2026-06-15'],
      ],
    )
  })

  it('leaves alone the environments that do not trust the old key, and those that were not named', async () => {
    const context = project()
    await rotate(context, {environments: ['production']})
    assert.deepEqual(
      context.pins('staging').map(({spki, status}) => [spki, status]),
      [[pin(old), 'active']],
    )
    assert.deepEqual(
      context.pins('elsewhere').map(({spki}) => spki),
      [pin(other)],
    )
    assert.equal(context.pins('production').length, 2)
  })

  it('only announces a day to come, and does the rest on that day', async () => {
    const context = project()
    const announced = await rotate(context, {on: new Date('2026-07-01')})
    assert.equal(announced.pending, true)
    assert.match(context.text(), /signing: \{key: "file:old.key"\}/)
    assert.deepEqual(
      context.pins('production').map(({status, from, until}) => [status, from, until]),
      [
        ['active', '2026-01-01', '2026-07-01'],
        ['active', '2026-07-01', undefined],
      ],
    )
    assert.deepEqual(
      (await details(context)).map((detail) => 'action' in detail && detail.action),
      ['added'],
    )

    const then = {...again(context), now: () => new Date('2026-07-02T00:00:00.000Z')}
    const done = await rotate(then)
    assert.deepEqual([done.pending, done.changed], [false, true])
    assert.deepEqual(await details(then), [{action: 'retired', what: old.spki, environments: ['staging', 'production'], day: '2026-07-01'}])
    assert.match(then.text(), /signing: \{key: "file:\/project\/new.key"\}/)
    assert.deepEqual(
      then.pins('production').map(({status, until}) => [status, until]),
      [
        ['retired', '2026-07-01'],
        ['active', undefined],
      ],
    )
  })

  it('takes the day that is given, also in the past', async () => {
    const context = project()
    await rotate(context, {on: new Date('2026-06-01')})
    assert.deepEqual(
      context.pins('production').map(({from, until}) => [from, until]),
      [
        ['2026-01-01', '2026-06-01'],
        ['2026-06-01', undefined],
      ],
    )
  })

  it('marks a key compromised wherever it is pinned', async () => {
    const context = project()
    const result = await rotateKey({compromised: pin(old)}, context)
    assert.deepEqual(result.environments, ['staging', 'production'])
    for (const name of result.environments)
      assert.deepEqual(
        context.pins(name).map(({status}) => status),
        ['compromised'],
        name,
      )
    assert.deepEqual(await details(context), [{action: 'compromised', what: old.spki, environments: ['staging', 'production'], day: '2026-06-15'}])
  })

  it('marks it also where the rotation itself changes nothing: in other environments, and in rules for images', async () => {
    const rules = `images:\n  - {match: "registry.example/*", keys: [{spki: "${pin(other)}", file: keys/other.pub}], approved-by: ada, until: 2027-01-01}\n`
    const context = project(`${TEXT}${rules}`)
    await rotate(context, {compromised: pin(other)})
    assert.deepEqual(
      ['staging', 'elsewhere'].map((name) => context.pins(name).map(({status}) => status)),
      [['retired', 'active'], ['compromised']],
    )
    assert.equal(Config.parse(readDocument(context.text()).value).images[0]?.keys?.[0]?.status, 'compromised')
    assert.deepEqual((await details(context)).at(-1), {action: 'compromised', what: other.spki, environments: ['elsewhere'], day: '2026-06-15'})
  })

  it('names what still trusts a compromised key, and cannot be marked', async () => {
    const approvals = `    approvals: {by: [{person: ada, spki: "${pin(old)}", file: keys/old.pub}]}\n`
    const context = project(`${TEXT}${approvals}`)
    await rotateKey({compromised: pin(old)}, context)
    assert.match(context.notes.join('\n'), /elsewhere still pins the compromised key for approval/)
  })

  it('replaces a key that is compromised', async () => {
    const context = project()
    await rotate(context, {compromised: old.spki})
    assert.deepEqual(
      context.pins('staging').map(({status}) => status),
      ['compromised', 'active'],
    )
    assert.deepEqual(
      (await details(context)).map((detail) => 'action' in detail && detail.action),
      ['added', 'compromised'],
    )
  })

  it('says that nothing will prove the age of what the old key signed', async () => {
    const context = project()
    await rotate(context)
    assert.match(context.notes.join('\n'), /staging, production pins no timestamp authority/)
  })

  it('says that a variable still names the key', async () => {
    const context = project(TEXT, {variables: {HIPAA_CI_SIGNING_KEY: 'file:old.key'}})
    await rotate(context)
    assert.match(context.notes.join('\n'), /HIPAA_CI_SIGNING_KEY is set/)
  })

  it('asks which pin goes where the old key is lost', async () => {
    const lost = {lost: ['/policy/old.key']}
    await assert.rejects(rotate(project(TEXT, lost)), (error) => error instanceof AppError && /--retire sha256/.test(error.suggestions.join()))
    const context = project(TEXT, lost)
    await rotate(context, {retire: pin(old)})
    assert.deepEqual(
      context.pins('staging').map(({status}) => status),
      ['retired', 'active'],
    )
  })

  it('asks which pin goes where the name of the key stands for the new one already', async () => {
    const moved = TEXT.replace('file:old.key', 'file:new.key')
    await assert.rejects(
      rotateKey({to: 'file:/policy/new.key'}, project(moved)),
      (error) => error instanceof AppError && error.suggestions.join().includes(`--retire ${pin(old)}`),
    )
    const context = project(moved)
    await rotateKey({to: 'file:/policy/new.key', retire: pin(old)}, context)
    assert.deepEqual(
      context.pins('staging').map(({status}) => status),
      ['retired', 'active'],
    )
    assert.match(context.text(), /signing: \{key: "file:new.key"\}/)
  })

  for (const [what, text, request, code] of [
    ['nothing to do', TEXT, {to: undefined}, 'usage.flag'],
    ['an environment that is not there', TEXT, {environments: ['nowhere']}, 'usage.environment'],
    ['a pin that is not there', TEXT, {retire: 'sha256:00'}, 'usage.flag'],
    ['a compromised key that nobody pins', TEXT, {compromised: 'sha256:00'}, 'usage.flag'],
    [
      'a key that was given up',
      TEXT.replace(`{spki: "${pin(other)}", file: keys/other.pub}`, `{spki: "${pin(other)}", file: keys/other.pub, status: retired}`),
      {to: 'file:other.key'},
      'policy.invalid',
    ],
    ['a key of another duty', `${TEXT}    approvals: {by: [{person: ada, spki: "${pin(next)}", file: keys/ada.pub}]}\n`, {}, 'policy.invalid'],
  ] as const) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const context = project(text)
      const {to, ...rest} = {to: 'file:new.key', ...request}
      await assert.rejects(rotateKey({...rest, ...(to !== undefined && {to})}, context), {code})
      assert.equal(context.text(), text)
      assert.deepEqual(await context.records(), [])
    })
  }

  it('puts no public half over another', async () => {
    const context = project()
    context.disk.set(`/policy/${NEW_FILE}`, other.pem)
    await assert.rejects(rotate(context), {code: 'key.exists'})
    assert.equal(context.text(), TEXT)
  })
})

describe('showKeys', () => {
  it('shows every pin with its window as of today, and which one signs here', async () => {
    const context = project()
    await rotate(context)
    const {exitCode, signing, keys} = await showKeys({}, again(context))
    assert.equal(exitCode, 0)
    assert.deepEqual(signing, {state: 'pinned', reference: '/project/new.key', spki: pin(next), kind: 'key-file'})
    assert.deepEqual(
      keys.map(({environment, spki, state, signs}) => [environment, spki, state, signs]),
      [
        ['staging', pin(old), 'retired', false],
        ['staging', pin(next), 'trusted', true],
        ['production', pin(old), 'retired', false],
        ['production', pin(next), 'trusted', true],
        ['elsewhere', pin(other), 'trusted', false],
      ],
    )
  })

  it('tells a window that has ended, and one that has not begun', async () => {
    const text = TEXT.replace('from: 2026-01-01', 'until: 2026-06-14').replace('keys/other.pub}', 'keys/other.pub, from: 2026-06-16}')
    const {keys} = await showKeys({}, project(text))
    assert.deepEqual(
      keys.map(({state}) => state),
      ['trusted', 'ended', 'not-yet'],
    )
  })

  it('tells that the signing key is trusted nowhere', async () => {
    const {signing} = await showKeys({}, project(TEXT.replace('file:old.key', 'file:new.key')))
    assert.equal(signing.state, 'not-pinned')
  })

  it('takes a key that it cannot ask for unknown, with the exit code of the cause', async () => {
    const {signing, exitCode, keys} = await showKeys({}, project(TEXT, {lost: ['/policy/old.key']}))
    assert.deepEqual([signing.state, exitCode], ['unknown', 2])
    assert.ok(keys.every(({signs}) => signs === undefined))
  })

  it('refuses a file that is not the one that is pinned', async () => {
    const context = project()
    context.disk.set('/policy/keys/old.pub', other.pem)
    await assert.rejects(showKeys({}, context), {code: 'policy.invalid', exitCode: 2})
  })

  it('shows one environment, and refuses one that is not there', async () => {
    assert.deepEqual(
      (await showKeys({environment: 'elsewhere'}, project())).keys.map(({spki}) => spki),
      [pin(other)],
    )
    await assert.rejects(showKeys({environment: 'nowhere'}, project()), {code: 'usage.environment'})
  })
})
