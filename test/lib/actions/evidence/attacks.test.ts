/**
 * Every attack on every store in which it can be made: what is found, about what, and nothing else.
 *
 * `docs/evidence-verify.md` shows the same rows; UPDATE_DOCS=1 writes it.
 */
import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {ask} from '../../../attacks/ask.ts'
import {attackPage, ATTACK_ROWS} from '../../../attacks/document.ts'
import {LOCK_ROWS} from '../../../attacks/lock-rows.ts'
import type {AttackRow} from '../../../attacks/row.ts'
import {buildScene, KINDS, type Kind, type Scene} from '../../../attacks/scene.ts'
import {bucketInHand, copyOf, folderInHand} from '../../../attacks/stores.ts'
import {scratch} from '../../../scratch.ts'

const START = '2026-03-02T08:00:00.000Z'
const PAGE = new URL('../../../../docs/evidence-verify.md', import.meta.url)

describe('an attack on the evidence', () => {
  const folder = scratch()

  /** A bucket is attacked and then copied: a copy shows what readers see. */
  const sceneOf = async (kind: Kind): Promise<Scene> => buildScene(kind === 'folder' ? folderInHand(join(folder(), 'evidence')) : bucketInHand(), START)
  const shown = async (kind: Kind, {store}: Scene) => (kind === 'copy' ? copyOf(store, join(folder(), 'copy'), new Date('2026-04-01T08:00:00.000Z')) : store)

  async function strike(kind: Kind, {act, finds, exit}: AttackRow): Promise<void> {
    const scene = await sceneOf(kind)
    const asked = await act(scene)
    await judge({...scene, store: await shown(kind, scene)}, asked, {finds, exit})
  }

  async function judge(
    {store, clock}: Pick<Scene, 'store' | 'clock'>,
    asked: Awaited<ReturnType<AttackRow['act']>>,
    {finds, exit}: Pick<AttackRow, 'finds' | 'exit'>,
  ) {
    const {findings, exitCode} = await ask(store, clock.now(), asked)
    const said = JSON.stringify(findings, undefined, 1)
    assert.deepEqual(findings.map(({code}) => code).toSorted(), [...finds].toSorted(), said)
    const own = findings.find(({code}) => code === finds[0])
    if (asked.about !== undefined) assert.equal(own?.key, asked.about, said)
    assert.equal(exitCode, exit, said)
  }

  for (const kind of KINDS) {
    describe(`in a ${kind}`, () => {
      it('that nobody made: nothing is found', async () => {
        const scene = await sceneOf(kind)
        const store = await shown(kind, scene)
        for (const asked of [{}, {full: true}, {later: 20}]) {
          const {findings, exitCode, verdict, records, log, unsealed} = await ask(store, scene.clock.now(), asked)
          assert.deepEqual([findings, exitCode, verdict, records, unsealed], [[], 0, 'verified', 7, 0])
          assert.deepEqual([log?.seals, log?.size, log?.checkpoint?.n, log?.checkpoint?.root], [2, 7, 2, log?.root])
        }
      })

      for (const row of ATTACK_ROWS.filter(({on}) => on.includes(kind))) it(`${row.attack}: ${row.finds[0]}, ${row.exit}`, async () => strike(kind, row))
    })
  }

  for (const row of LOCK_ROWS) {
    it(`${row.attack}: ${row.finds[0]}, ${row.exit}`, async () => {
      let lock: (typeof row)['lock'] | undefined
      const scene = await buildScene(
        bucketInHand(() => lock),
        START,
      )
      lock = row.lock
      await judge(scene, await row.act(scene), row)
    })
  }

  it('stands in docs/evidence-verify.md', () => {
    const page = attackPage()
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page)
    assert.equal(readFileSync(PAGE, 'utf8'), page)
  })
})
