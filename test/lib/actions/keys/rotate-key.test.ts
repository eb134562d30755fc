/** Files and keys in memory; what is recorded goes through the real recorder. */
import assert from 'node:assert/strict'
import {rotateKey} from '../../../../src/lib/actions/keys/rotate-key.ts'
import {showKeys} from '../../../../src/lib/actions/keys/show-keys.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {again, details, next, NEW_FILE, old, other, pin, project, rotate, TEXT} from './rotation-project.ts'

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
    const first = await rotate(context)
    const text = context.text()
    const second = again(context)
    const result = await rotate(second)
    assert.deepEqual([result.changed, result.records], [false, first.records])
    assert.equal(second.text(), text)
    assert.deepEqual(await details(second), [])
  })

  it('writes the records that an earlier run could not', async () => {
    const context = project()
    await rotate(context)
    const rerun = project('', {disk: context.disk})
    assert.equal((await rotate(rerun)).changed, false)
    assert.deepEqual(
      (await details(rerun)).map((detail) => 'action' in detail && detail.action),
      ['added', 'retired'],
    )
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

  it('has git ignore a key file in the project, by its path with the folder, and says so once', async () => {
    const context = project(TEXT, {tracking: 'untracked'})
    const {ignored} = await rotate(context, {to: 'file:/policy/keys/new.key'})
    assert.deepEqual(ignored, {file: '/policy/.gitignore', lines: ['/keys/new.key']})
    assert.equal(context.disk.get('/policy/.gitignore'), '/keys/new.key\n')
    assert.equal((await rotate(again(context), {to: 'file:/policy/keys/new.key'})).ignored, undefined)
  })

  it('takes no key that is under version control', async () => {
    const context = project(TEXT, {tracking: 'tracked'})
    await assert.rejects(rotate(context, {to: 'file:/policy/keys/new.key'}), {code: 'usage.input', message: /under version control/})
    assert.equal(context.text(), TEXT)
  })

  it('puts no public half over another', async () => {
    const context = project()
    context.disk.set(`/policy/${NEW_FILE}`, other.pem)
    await assert.rejects(rotate(context), {code: 'key.exists'})
    assert.equal(context.text(), TEXT)
  })
})
