import assert from 'node:assert/strict'
import {auditBook} from '../../../src/lib/admission/audit-book.ts'
import {auditEvents} from '../../../src/lib/admission/audit-event.ts'
import {auditEvent, podMade, type EventInput} from './audit-events.ts'

const TIME = new Date('2026-06-15T10:00:00Z')
const WEBHOOK = {resource: 'validatingwebhookconfigurations', apiGroup: 'admissionregistration.k8s.io', name: 'hipaa-ci-images'}

function read(...inputs: readonly (string | Partial<EventInput>)[]) {
  const book = auditBook()
  const lines = inputs.map((input) => (typeof input === 'string' ? input : auditEvent({verb: 'delete', time: TIME, objectRef: WEBHOOK, ...input})))
  for (const line of lines) for (const event of auditEvents(line).events) book.take(event)
  return book.read()
}
const told = (...inputs: readonly (string | Partial<EventInput>)[]) => read(...inputs).differences.map(({reason, open}) => [reason, open])

describe('auditEvents', () => {
  const line = podMade({uid: 'u-1', name: 'web-1', time: TIME})
  it('reads a log file, what CloudWatch exports, and what its subscription hands on', () => {
    const [plain] = auditEvents(line).events
    assert.deepEqual([plain?.uid, plain?.name, plain?.time, plain?.code], ['u-1', 'web-1', '2026-06-15T10:00:00.000Z', 201])
    assert.deepEqual(auditEvents(`2026-06-15T10:00:01.123Z ${line}`).events, [plain])
    const delivery = JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup: 'g',
      logEvents: [
        {id: '1', message: line},
        {id: '2', message: 'torn {'},
      ],
    })
    assert.deepEqual(auditEvents(delivery), {events: [plain], unread: 1})
  })

  it('tells each request once, when it is answered', () => {
    for (const stage of ['RequestReceived', 'ResponseStarted']) assert.deepEqual(auditEvents(line.replace('ResponseComplete', stage)), {events: [], unread: 0})
    assert.equal(auditEvents(line.replace('ResponseComplete', 'Panic')).events[0]?.code, 500)
  })

  it('counts what it cannot read', () => {
    for (const bad of [
      '',
      '[]',
      'null',
      '"x"',
      '{}',
      line.replace('audit.k8s.io/v1', 'audit.k8s.io/v2'),
      line.replace('"verb":"create"', '"verb":7'),
      '{"__proto__":{"kind":"Event"}}',
    ])
      assert.deepEqual(auditEvents(bad), {events: [], unread: 1}, bad.slice(0, 60))
  })
})

describe('auditBook', () => {
  it('counts an event of overlapping files once', () => {
    const line = podMade({uid: 'u-1', name: 'web-1', time: TIME})
    const {podRequests, events} = read(line, line)
    assert.deepEqual([podRequests.length, events], [1, 2])
  })

  const open: Record<string, Partial<EventInput>> = {
    'the webhook is removed': {},
    'the webhook is changed': {verb: 'patch'},
    'all webhooks are removed': {verb: 'deletecollection', objectRef: {...WEBHOOK, name: ''}},
    'a policy is removed': {objectRef: {...WEBHOOK, resource: 'validatingadmissionpolicybindings', name: 'hipaa-ci-label-guard'}},
    'a constraint is removed': {objectRef: {resource: 'hipaaciimages', apiGroup: 'constraints.gatekeeper.sh', name: 'deny'}},
    'a template is changed': {verb: 'update', objectRef: {resource: 'constrainttemplates', apiGroup: 'templates.gatekeeper.sh', name: 'x'}},
    'the provider is removed': {objectRef: {resource: 'providers', apiGroup: 'externaldata.gatekeeper.sh', name: 'hipaa-ci'}},
    'namespaces are excluded': {
      verb: 'patch',
      objectRef: {resource: 'configs', apiGroup: 'config.gatekeeper.sh', namespace: 'gatekeeper-system', name: 'config'},
    },
    'the type of constraints is removed': {
      objectRef: {resource: 'customresourcedefinitions', apiGroup: 'apiextensions.k8s.io', name: 'hipaaciimages.constraints.gatekeeper.sh'},
    },
    'somebody acts in the name of Gatekeeper': {more: {impersonatedUser: {username: 'system:serviceaccount:gatekeeper-system:gatekeeper-admin'}}},
    'Gatekeeper’s account is used as another': {
      user: {username: 'system:serviceaccount:gatekeeper-system:gatekeeper-admin'},
      more: {impersonatedUser: {username: 'eve'}},
    },
  }
  for (const [what, input] of Object.entries(open)) it(`${what}: open`, () => assert.deepEqual(told(input), [['enforcement-changed', true]]))

  const closed: Record<string, [Partial<EventInput>, readonly (readonly [string, boolean])[]]> = {
    'it is made': [{verb: 'create', more: {responseStatus: {code: 201}}}, [['enforcement-changed', false]]],
    'it is made by an apply': [{verb: 'patch', more: {responseStatus: {code: 201}}}, [['enforcement-changed', false]]],
    'Gatekeeper renews its certificate': [
      {verb: 'update', user: {username: 'system:serviceaccount:gatekeeper-system:gatekeeper-admin'}},
      [['enforcement-changed', false]],
    ],
    'it was denied': [{more: {responseStatus: {code: 403, message: 'no'}}}, [['enforcement-attempt', false]]],
    'it was a dry run': [{more: {requestURI: '/x?dryRun=All'}}, []],
    'there was none': [{more: {responseStatus: {code: 404}}}, []],
    'a status was written': [{verb: 'update', objectRef: {...WEBHOOK, apiGroup: 'constraints.gatekeeper.sh', subresource: 'status'}}, []],
    'it is somebody else’s webhook': [{objectRef: {...WEBHOOK, name: 'cert-manager'}}, []],
    'it was only read': [{verb: 'get'}, []],
  }
  for (const [what, [input, expected]] of Object.entries(closed)) it(`${what}: not open`, () => assert.deepEqual(told(input), expected))

  describe('labels of namespaces', () => {
    const change = (sent: unknown, more: Partial<EventInput> = {}) => ({
      verb: 'patch',
      objectRef: {resource: 'namespaces', name: 'web'},
      more: {requestObject: sent},
      ...more,
    })
    it('the ignore label is open, however it is written', () => {
      const ways = [
        change({metadata: {labels: {'admission.gatekeeper.sh/ignore': 'y'}}}),
        change([{op: 'add', path: '/metadata/labels/admission.gatekeeper.sh~1ignore', value: ''}]),
        change({metadata: {labels: {'admission.gatekeeper.sh/ignore': 'y'}}}, {objectRef: {resource: 'namespaces', name: 'web', subresource: 'status'}}),
        change({metadata: {labels: {'admission.gatekeeper.sh/ignore': 'y'}}}, {verb: 'create'}),
      ]
      for (const way of ways) assert.deepEqual(told(way), [['ignore-label', true]], JSON.stringify(way))
    })
    it('is an attempt where it was denied', () => {
      const denied = {requestObject: {metadata: {labels: {'admission.gatekeeper.sh/ignore': 'y'}}}, responseStatus: {code: 403}}
      assert.deepEqual(told(change(undefined, {more: denied})), [['enforcement-attempt', false]])
    })
    it('other labels are nobody’s business, and what was not kept is told', () => {
      assert.deepEqual(told(change({metadata: {labels: {team: 'web'}}})), [])
      assert.deepEqual(told(change(undefined)), [['namespace-changed', false]])
      const finalize = {objectRef: {resource: 'namespaces', name: 'web', subresource: 'finalize'}, verb: 'update'}
      assert.deepEqual(told(change(undefined, {...finalize, user: {username: 'system:serviceaccount:kube-system:namespace-controller'}})), [])
      assert.deepEqual(told(change(undefined, finalize)), [['namespace-changed', false]])
    })
  })

  it('tells what failed open: ours is open, somebody else’s is not', () => {
    const past = (webhook: string) =>
      podMade({uid: 'u', name: 'p', time: TIME}).replace(
        '"annotations":{',
        `"annotations":{"failed-open.validating.webhook.admission.k8s.io/round_0_index_1":${JSON.stringify(webhook)},`,
      )
    assert.deepEqual(told(past('validation.gatekeeper.sh')), [['failed-open', true]])
    assert.deepEqual(told(past('pods.images.hipaa-ci')), [['failed-open', true]])
    assert.deepEqual(told(past('vpa.k8s.io')), [['failed-open', false]])
  })
})
