/** Requests that pass themselves off as dry runs, so that nobody looks at them. */
import assert from 'node:assert/strict'
import {isDryRun} from '../../../src/lib/admission/audit-dry-run.ts'

const facts = {verb: 'create', uri: '/api/v1/namespaces/web/pods', sent: {}, holdsSent: true}
const gone = {...facts, verb: 'delete', sent: undefined}

describe('isDryRun', () => {
  for (const query of ['dryRun=All', 'fieldManager=x&dryRun=All', 'dry%52un=All', 'dryRun=All&dryRun=All'])
    it(`is one: ?${query}`, () => assert.equal(isDryRun({...facts, uri: `${facts.uri}?${query}`}), true))

  for (const query of ['', 'x=?dryRun=All', 'x=%26dryRun=All', 'dryRun=', 'dryRun=None', 'dryRun=All&dryRun=x', 'dryRun=All;x', 'dryrun=All', 'xdryRun=All'])
    it(`is none: ?${query}`, () => assert.equal(isDryRun({...facts, uri: `${facts.uri}?${query}`}), false))

  it('is none where a removal says otherwise in its body, which alone is read then', () => {
    const uri = '/x?dryRun=All'
    assert.equal(isDryRun({...gone, uri, sent: {kind: 'DeleteOptions'}}), false)
    assert.equal(isDryRun({...gone, uri, sent: {dryRun: 'All'}}), false)
    assert.equal(isDryRun({...gone, uri, sent: {dryRun: ['All']}}), true)
    assert.equal(isDryRun({...gone, uri: '/x', sent: {dryRun: ['All']}, verb: 'deletecollection'}), true)
  })

  it('is none where a removal may have had a body that the log does not hold', () => {
    assert.equal(isDryRun({...gone, uri: '/x?dryRun=All', holdsSent: false}), false)
    assert.equal(isDryRun({...gone, uri: '/x?dryRun=All'}), true)
  })
})
