import assert from 'node:assert/strict'
import fc from 'fast-check'
import {planRollout, type RolloutRequest, type RolloutResult} from '../../../../src/lib/actions/admission/plan-rollout.ts'
import {Admission} from '../../../../src/lib/config/admission-schema.ts'
import {readDocument} from '../../../../src/lib/config/document.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {ProjectFiles} from '../../../../src/lib/ports/context.ts'
import {verdictContext} from '../../../fakes/verdict-context.ts'

/** A policy in memory; today is 2026-06-15. */
function policy(...lines: readonly string[]) {
  let text = lines.join('\n')
  let writes = 0
  const refuse = async (): Promise<never> => Promise.reject(new Error('nobody asked for it'))
  const project: ProjectFiles = {
    read: async (path) => (path === '/project/policy.yaml' ? Buffer.from(text) : undefined),
    replace: async (_path, bytes) => {
      text = Buffer.from(bytes).toString()
      writes += 1
    },
    writeNew: refuse,
    makeFolder: refuse,
    tracking: refuse,
  }
  const context = {...verdictContext({images: {}}), project: async () => project}
  return {
    plan: async (namespaces: readonly string[], enforceOn?: string, more: Partial<RolloutRequest> = {}): Promise<RolloutResult> =>
      planRollout(
        {namespaces, mode: enforceOn === undefined ? 'enforce' : 'warn', file: 'policy.yaml', ...(enforceOn !== undefined && {enforceOn}), ...more},
        context,
      ),
    text: () => text,
    lines: () => text.split('\n'),
    writes: () => writes,
  }
}

const HEAD = ['version: 1 # ours', 'system: patient-api']

describe('planRollout', () => {
  it('writes one line, and the file says so the next time', async () => {
    const file = policy(...HEAD, '')
    const first = await file.plan(['billing', 'billing'], '2026-07-01')
    assert.deepEqual(file.lines(), [...HEAD, 'admission: {rollout: [{namespaces: [billing], enforce-on: 2026-07-01}]}', ''])
    assert.deepEqual([first.changed, first.sha256], [true, sha256Hex(Buffer.from(file.text()))])
    const second = await file.plan(['billing'], '2026-07-01')
    assert.deepEqual([second.changed, second.sha256, file.writes()], [false, first.sha256, 1])
  })

  it('leaves all else in the file as it is', async () => {
    const before = [
      ...HEAD,
      'admission:',
      '  exempt: [kube-system]   # add-ons',
      '  rollout:',
      '    # the slow ones',
      '    - namespaces: [billing, labs] # until spring',
      '      enforce-on: 2026-09-01',
      '',
      'images: []',
      '',
    ]
    const file = policy(...before)
    await file.plan(['intake'], '2026-07-01')
    assert.deepEqual(file.lines(), [...before.slice(0, 8), '    - {namespaces: [intake], enforce-on: 2026-07-01}', ...before.slice(8)])
    await file.plan(['labs'], '2026-08-01')
    assert.deepEqual(file.lines()[6], '    - namespaces: [billing] # until spring')
    assert.deepEqual(file.lines()[9], '    - {namespaces: [labs], enforce-on: 2026-08-01}')
    await file.plan(['billing', 'labs'])
    assert.deepEqual(file.lines(), [...before.slice(0, 6), '    - {namespaces: [intake], enforce-on: 2026-07-01}', '', 'images: []', ''])
  })

  it('takes the last one out with its keys', async () => {
    const alone = policy(...HEAD, 'admission:', '  rollout:', '    - {namespaces: [billing], enforce-on: 2026-07-01}', 'images: []', '')
    assert.equal((await alone.plan(['billing'])).changed, true)
    assert.deepEqual(alone.lines(), [...HEAD, 'images: []', ''])
    assert.equal((await alone.plan(['billing'])).changed, false)
    const beside = policy(...HEAD, 'admission: {exempt: [kube-system], rollout: [{namespaces: [billing], enforce-on: 2026-07-01}]}')
    await beside.plan(['billing'])
    assert.deepEqual(beside.lines(), [...HEAD, 'admission: {exempt: [kube-system]}'])
  })

  it('refuses a day that is not to come, and wishes that are unclear', async () => {
    const file = policy(...HEAD, '')
    for (const day of ['2026-06-14', '2026-06-15', '2027-02-30', 'soon']) await assert.rejects(file.plan(['billing'], day), {code: 'usage.flag'}, day)
    await assert.rejects(file.plan(['billing'], undefined, {mode: 'warn'}), {code: 'usage.flag'})
    await assert.rejects(file.plan(['billing'], '2026-07-01', {mode: 'enforce'}), {code: 'usage.flag'})
    await assert.rejects(file.plan(['billing'], '2026-07-01', {file: 'nowhere.yaml'}), {code: 'config.missing'})
    for (const place of ['https://policy.example/p.yaml', `policy.yaml@sha256:${'0'.repeat(64)}`])
      await assert.rejects(file.plan(['billing'], '2026-07-01', {file: place}), {code: 'usage.flag'})
    assert.equal(file.writes(), 0)
  })

  it('changes nothing in a file that it does not understand', async () => {
    for (const lines of [['a: ['], ['- 1'], ['admission: {rollout: [{namespaces: [], enforce-on: 2026-07-01}]}'], ['admission: {roll-out: []}']]) {
      const file = policy(...lines)
      await assert.rejects(file.plan(['billing'], '2026-07-01'), {code: 'config.invalid'}, lines.join())
      assert.equal(file.writes(), 0)
    }
  })

  it('leaves each namespace in one entry at most, whatever was asked before', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd-*')
    const wish = fc.record({
      names: fc.array(name, {minLength: 1, maxLength: 3}),
      day: fc.option(fc.constantFrom('2026-07-01', '2026-08-01', '2026-09-01'), {nil: undefined}),
    })
    const start = fc.constantFrom(
      [...HEAD, ''],
      [...HEAD, 'admission: {rollout: []}', ''],
      [...HEAD, 'admission:', '  exempt: [x]', '  rollout:', '  - namespaces:', '    - a', '    - b', '    enforce-on: 2026-08-01', ''],
    )
    await fc.assert(
      fc.asyncProperty(start, fc.array(wish, {minLength: 1, maxLength: 6}), async (lines, wishes) => {
        const file = policy(...lines)
        const days = new Map<string, string>(
          lines.includes('    - a')
            ? [
                ['a', '2026-08-01'],
                ['b', '2026-08-01'],
              ]
            : [],
        )
        for (const {names, day} of wishes) {
          await file.plan(names, day)
          for (const one of names) {
            if (day === undefined) days.delete(one)
            else days.set(one, day)
          }
        }
        const {admission = {}} = readDocument(file.text()).value as {admission?: unknown}
        const said = Admission.parse(admission).rollout.flatMap((entry) => entry.namespaces.map((one) => `${one} ${entry['enforce-on']}`))
        assert.deepEqual(said.toSorted(), [...days].map(([one, day]) => `${one} ${day}`).toSorted())
      }),
      {numRuns: 100},
    )
  })
})
