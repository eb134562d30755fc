import assert from 'node:assert/strict'
import {answer, canary, changed, CONSTRAINT, GUARD, made, refusals, removed, told, WEBHOOK, word} from './words.ts'

describe('windows of what an audit log tells', () => {
  it('reach from the removal to when it was made anew, with who did it, and what', () => {
    const rows = [...refusals(7, 11), removed('08:10', WEBHOOK, 'ann', {aws_identity: 'arn:aws:iam::111122223333:role/admin'}), made('08:20', WEBHOOK, 'bob')]
    assert.deepEqual(told(rows), ['removed 08:10 08:20 ann; audit-log'])
    const [row] = answer(rows).rows
    assert.deepEqual(
      [row?.['what'], row?.['ended_by'], row?.['done_at'], row?.['aws_identity']],
      [`delete ${WEBHOOK}`, 'put back', '2026-03-02T08:10:00.000Z', 'arn:aws:iam::111122223333:role/admin'],
    )
  })

  it('stay open where it was not put back, and no canary says otherwise', () => {
    assert.deepEqual(told([word('07:00', 'started', {seen_by: 'provider'}), removed('08:10', WEBHOOK, 'ann')]), [
      'never 07:00 open -; provider',
      'removed 08:10 open ann; audit-log',
    ])
  })

  it('end where a canary was refused clearly later, not where it was within what clocks differ by', () => {
    assert.deepEqual(told([...refusals(7, 11), removed('08:28', WEBHOOK, 'ann')]), ['removed 08:28 09:00 ann; audit-log'])
    assert.deepEqual(told([...refusals(7, 11), removed('08:24', WEBHOOK, 'ann')]), ['removed 08:24 08:30 ann; audit-log'])
  })

  it('of a guard do not end by a canary, which does not feel it', () => {
    assert.deepEqual(told([...refusals(7, 11), removed('08:10', GUARD, 'ann')]), ['removed 08:10 open ann; audit-log'])
  })

  it('of a change stay open: nobody knows what it came to', () => {
    assert.deepEqual(told([...refusals(7, 11), changed('08:10', WEBHOOK, 'ann'), changed('08:20', WEBHOOK, 'bob')]), ['changed 08:10 open ann, bob; audit-log'])
    assert.deepEqual(told([...refusals(7, 11), changed('08:10', WEBHOOK, 'ann'), changed('08:50', WEBHOOK, 'bob')]), [
      'changed 08:10 open ann; audit-log',
      'changed 08:50 open bob; audit-log',
    ])
  })

  it('are closed by nothing that was made of another name, before, or by a clock that is behind', () => {
    for (const back of [made('08:20', CONSTRAINT, 'bob'), made('08:09', WEBHOOK, 'bob'), made('08:10', WEBHOOK, 'bob')])
      assert.deepEqual(
        told([...refusals(7, 8), removed('08:10', WEBHOOK, 'ann'), back]).slice(-1),
        ['removed 08:10 open ann; audit-log'],
        String(back['begins']),
      )
  })

  it('take a patch that made it anew for its return, and Gatekeeper’s own patches for nothing', () => {
    const patch = (by: string) => made('08:20', WEBHOOK, by, {verb: 'patch'})
    assert.deepEqual(told([...refusals(7, 8), removed('08:10', WEBHOOK, 'ann'), patch('bob')]).slice(-1), ['removed 08:10 08:20 ann; audit-log'])
    const own = patch('system:serviceaccount:gatekeeper-system:gatekeeper-admin')
    assert.deepEqual(told([...refusals(7, 8), removed('08:10', WEBHOOK, 'ann'), own]).slice(-1), ['removed 08:10 open ann; audit-log'])
  })

  it('are two where it was removed twice, each with its own end', () => {
    const rows = [made('08:20', WEBHOOK, 'ann'), removed('09:10', WEBHOOK, 'bob'), removed('08:10', WEBHOOK, 'ann'), made('09:20', WEBHOOK, 'bob')]
    assert.deepEqual(told([...rows, ...refusals(7, 11)]), ['removed 08:10 08:20 ann; audit-log', 'removed 09:10 09:20 bob; audit-log'])
  })

  it('overlap where two objects were removed, and neither closes the other', () => {
    const rows = [removed('08:10', WEBHOOK, 'ann'), removed('08:11', CONSTRAINT, 'bob'), made('08:12', WEBHOOK, 'ann'), made('08:40', CONSTRAINT, 'bob')]
    assert.deepEqual(told([word('07:00', 'refused', {seen_by: 'canary'}), ...rows]).slice(0, 2), [
      'silent 07:00 open -; canary',
      'removed 08:10 08:12 ann; audit-log',
    ])
    assert.deepEqual(told([word('07:00', 'refused', {seen_by: 'canary'}), ...rows]).slice(2), ['removed 08:11 08:40 bob; audit-log'])
  })

  it('of a label end where it was taken off, by whatever door', () => {
    const put = word('08:10', 'ignore-label', {what: 'namespace/web by status', by: 'eve', verb: 'patch'})
    const off = word('08:40', 'ignore-label-gone', {what: 'namespace/web', by: 'ann', verb: 'patch', is_open: false})
    const other = word('08:20', 'ignore-label-gone', {what: 'namespace/db', by: 'ann', verb: 'patch', is_open: false})
    assert.deepEqual(told([...refusals(7, 11), put, other]), ['ignore-label 08:10 open eve; audit-log'])
    assert.deepEqual(told([...refusals(7, 11), off, put]), ['ignore-label 08:10 08:40 eve; audit-log'])
  })

  it('name who acted in another’s name', () => {
    const [row] = answer([...refusals(7, 11), removed('08:10', WEBHOOK, 'ann', {says: 'in the name of system:admin; ok'}), made('08:20', WEBHOOK, 'ann')]).rows
    assert.equal(row?.['by'], 'ann in the name of system:admin')
  })

  it('are told once where two comparisons read the same log', () => {
    assert.deepEqual(told([...refusals(7, 11), removed('08:10', WEBHOOK, 'ann'), removed('08:10', WEBHOOK, 'ann'), made('08:20', WEBHOOK, 'ann')]), [
      'removed 08:10 08:20 ann; audit-log',
    ])
  })

  it('are left out where they ended before the period, and kept where they reach into it', () => {
    const early = [removed('07:10', WEBHOOK, 'ann'), made('07:20', WEBHOOK, 'ann')]
    const into = [removed('07:50', CONSTRAINT, 'bob'), made('08:10', CONSTRAINT, 'bob')]
    assert.deepEqual(told([...refusals(7, 11), ...early, ...into]).at(-1), 'removed 07:50 08:10 bob; audit-log')
    assert.equal(told([...refusals(7, 11), ...early]).length, 0)
  })
})

describe('windows of pods', () => {
  const past = (clock: string, what: string, by: string, more = {}) => word(clock, 'failed-open', {what, by, verb: 'create', ...more})

  it('are one from the first that came past the webhook to the last, with the users', () => {
    const rows = [past('08:12', 'web/b', 'bob'), past('08:10', 'web/a', 'ann'), past('08:14', 'web/c', 'ann', {is_open: false})]
    assert.deepEqual(told([...refusals(7, 11), ...rows]), ['failed-open 08:10 08:12 ann, bob; audit-log'])
    assert.equal(answer([...refusals(7, 11), ...rows]).rows[0]?.['what'], 'create web/a, create web/b')
  })

  it('are two where a canary was refused between them', () => {
    assert.deepEqual(told([...refusals(7, 11), past('08:10', 'web/a', 'ann'), past('08:40', 'web/b', 'ann')]), [
      'failed-open 08:10 08:10 ann; audit-log',
      'failed-open 08:40 08:40 ann; audit-log',
    ])
  })

  it('are one for what runs unverified, however often it was found, and none where it came past the webhook', () => {
    const found = (clock: string, seen: string, more = {}) => word(clock, 'unverified-workload', {what: 'web/a', seen_by: seen, ...more})
    const rows = [
      found('08:10:02', 'cluster', {object_uid: 'u1'}),
      found('08:10:02', 'cluster', {object_uid: 'u1'}),
      found('08:10', 'audit-log', {by: 'ann', verb: 'create'}),
    ]
    assert.deepEqual(told([...refusals(7, 11), ...rows]), ['unverified 08:10 open ann; audit-log, cluster'])
    assert.deepEqual(told([...refusals(7, 11), found('08:10', 'cluster', {is_open: false})]), [])
    assert.deepEqual(told([...refusals(7, 11), past('08:10', 'web/a', 'ann'), found('08:10', 'audit-log', {by: 'ann'})]), [
      'failed-open 08:10 08:10 ann; audit-log',
    ])
  })

  it('are two for pods of one name with another uid', () => {
    const found = (uid: string) => word('08:10', 'unverified-workload', {what: 'web/a', seen_by: 'cluster', object_uid: uid})
    assert.equal(told([...refusals(7, 11), found('u1'), found('u2')]).length, 2)
  })
})

describe('a broken glass', () => {
  it('is a window as it was said', () => {
    const glass = word('08:10', 'broken-glass', {seen_by: 'break-glass', what: 'provider out of the way, INC-8', by: 'ann', ends: '2026-03-02T08:40:00.000Z'})
    assert.deepEqual(told([...refusals(7, 11), glass]), ['broken-glass 08:10 08:40 ann; break-glass'])
    assert.deepEqual(told([...refusals(7, 8), canary('08:20', 'admitted'), canary('08:45', 'refused'), ...refusals(9, 11), glass]), [
      'admitted 08:00 08:45 ann; break-glass, canary',
    ])
  })
})
