/** Every rule of the floor, alone. That none of them is missing is shown by `floor.property.test.ts`. */
import assert from 'node:assert/strict'
import {Config, PlatformPolicy} from '../../../../src/lib/config/schema.ts'
import {overlay} from '../../../../src/lib/policy/floor/overlay.ts'
import {weaknesses} from '../../../../src/lib/policy/floor/weaknesses.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const key = {spki: A, file: '/keys/a.pub'}
const other = {spki: B, file: '/keys/b.pub'}
const KEYLESS = {issuer: 'https://token.example', identity: 'https://git.example/team/app/build'}

/** Lines as `key: message`, for a service that writes `own` over `floor`. */
function found(floor: object, own: object): string[] {
  const effective = Config.parse(overlay(floor, {version: 1, system: 'patient-api', ...own}))
  return weaknesses(effective, PlatformPolicy.parse({version: 1, ...floor})).map(({path, message}) => `${path.join('.')}: ${message}`)
}

const production = (environment: object) => ({environments: {production: environment}})
const requiring = (requires: object) => production({requires: {signature: {keys: [key]}, ...requires}})
const approving = (approvals: object) => production({requires: {signature: {keys: [key]}}, approvals: {by: [{person: 'jo', ...other}], ...approvals}})
const rule = {match: 'vendor.example/*', digests: [A], 'approved-by': 'platform', until: '2027-01-01'}

const warn = {namespaces: ['new-team'], 'enforce-on': '2027-01-01'}
const glass = {by: [{person: 'ann', ...key}], 'max-hours': 4}

describe('the floor', () => {
  it('is content with a service that says nothing', () => {
    const floor = {
      ...approving({
        minimum: 2,
        by: [
          {person: 'jo', ...other},
          {person: 'al', ...KEYLESS},
        ],
      }),
      images: [rule],
      gate: {secrets: 0, code: {error: 0}},
      revocations: {from: '/revocations.json', key},
      'trusted-root': `/root.json@${A}`,
      identities: `/persons.yaml@${A}`,
    }
    assert.deepEqual(found(floor, {}), [])
  })

  it('leaves to the service what it does not name', () => {
    const own = {...requiring({}), images: [rule], gate: {secrets: 9}, revocations: {from: 'r.json', key}, 'trusted-root': 'root.json', identities: 'p.yaml'}
    assert.deepEqual(found({}, own), [])
    assert.deepEqual(found({gate: {secrets: 9}}, own), [])
  })

  const cases: readonly (readonly [name: string, floor: object, own: object, expected: RegExp | undefined])[] = [
    [
      'a namespace more that nobody looks at',
      {admission: {exempt: ['kube-system']}},
      {admission: {exempt: ['kube-system', 'lab']}},
      /^admission\.exempt\.1: lab; the platform has kube-system$/,
    ],
    ['a namespace less that nobody looks at', {admission: {exempt: ['kube-system', 'lab']}}, {admission: {exempt: ['kube-system']}}, undefined],
    [
      'warning where the platform refuses',
      requiring({}),
      {admission: {rollout: [warn]}},
      /^admission\.rollout\.0\.namespaces\.0: new-team; the platform enforces there$/,
    ],
    [
      'warning for longer',
      {admission: {rollout: [{...warn, 'enforce-on': '2026-06-01'}]}},
      {admission: {rollout: [warn]}},
      /\.0\.enforce-on: 2027-01-01; .* from 2026-06-01 on$/,
    ],
    ['warning for less long', {admission: {rollout: [warn]}}, {admission: {rollout: [{...warn, 'enforce-on': '2026-06-01'}]}}, undefined],
    ['warning as long as the platform', {admission: {rollout: [warn]}}, {}, undefined],
    [
      'a glass that the platform has not',
      requiring({}),
      {admission: {'break-glass': glass}},
      /^admission\.break-glass\.by\.0: ann sha256:a+; the platform has none$/,
    ],
    ['another who breaks the glass', {admission: {'break-glass': glass}}, {admission: {'break-glass': {by: [{person: 'bob', ...other}]}}}, /\.by\.0: bob /],
    [
      'a glass broken for longer',
      {admission: {'break-glass': glass}},
      {admission: {'break-glass': {...glass, 'max-hours': 48}}},
      /\.max-hours: 48h; the platform allows at most 4h$/,
    ],
    [
      'another who reviews it',
      {admission: {'break-glass': glass}},
      {admission: {'break-glass': {...glass, 'reviewed-by': [{person: 'bob', ...other}]}}},
      /\.reviewed-by\.0: bob sha256:/,
    ],
    [
      'fewer who review it',
      {admission: {'break-glass': {...glass, 'reviewed-by': [{person: 'bob', ...other}]}}},
      {admission: {'break-glass': glass}},
      undefined,
    ],
    ['a glass broken for less long', {admission: {'break-glass': glass}}, {admission: {'break-glass': {...glass, 'max-hours': 1}}}, undefined],
    ['another environment', requiring({}), {environments: {lax: {}}}, /^environments\.lax: an environment that the platform does not have/],
    ['other clusters', production({match: {clusters: ['a'], namespaces: ['*']}}), production({match: {clusters: ['*'], namespaces: ['*']}}), /\.match: /],
    ['clusters where there were none', requiring({}), production({match: {clusters: ['a'], namespaces: ['b']}}), /\.match: /],
    [
      'another repository',
      production({repository: 'r.example/a'}),
      production({repository: 'r.example/b'}),
      /repository: r\.example\/b; the platform has r\.example\/a/,
    ],
    ['a repository of its own', requiring({}), production({repository: 'r.example/a'}), undefined],
    [
      'a repository that a rule decides about',
      {...requiring({}), images: [rule]},
      production({repository: 'vendor.example/a'}),
      /repository: .* the images rule/,
    ],
    ['requirements where nothing may pass', production({}), requiring({}), /requires: checks; the platform has nothing/],
    ['another key', requiring({}), requiring({signature: {keys: [key, other]}}), /keys\.1: sha256:b+ is not one of the platform's keys/],
    ['an identity', requiring({}), requiring({signature: {keys: [key], identities: [KEYLESS]}}), /identities\.0: .*; the platform has none/],
    [
      'a wider window',
      requiring({signature: {keys: [{...key, until: '2026-01-01'}]}}),
      requiring({signature: {keys: [key]}}),
      /active; the platform has .* until 2026-01-01/,
    ],
    ['a narrower window', requiring({}), requiring({signature: {keys: [{...key, from: '2026-01-01', until: '2026-02-01'}]}}), undefined],
    [
      'a better status',
      requiring({signature: {keys: [{...key, status: 'retired', until: '2026-01-01'}]}}),
      requiring({signature: {keys: [{...key, until: '2026-01-01'}]}}),
      /active/,
    ],
    ['a worse status', requiring({}), requiring({signature: {keys: [{...key, status: 'compromised'}]}}), undefined],
    [
      'a day for a key that was retired without one',
      requiring({signature: {keys: [{...key, status: 'retired'}]}}),
      requiring({signature: {keys: [{...key, status: 'retired', until: '2026-01-01'}]}}),
      /until 2026-01-01; the platform has .* retired$/,
    ],
    [
      'one pin of a key that another calls compromised',
      requiring({signature: {keys: [key, {...key, status: 'compromised'}]}}),
      requiring({signature: {keys: [key]}}),
      /the platform has .* compromised/,
    ],
    [
      'a timestamp authority',
      requiring({}),
      requiring({signature: {keys: [key], 'timestamp-authorities': [{file: '/tsa.pem', sha256: A}]}}),
      /timestamp-authorities: /,
    ],
    ['an older scan', requiring({scan: {'max-age': '7d'}}), requiring({scan: {'max-age': '36h'}}), undefined],
    [
      'a scan that may be older',
      requiring({scan: {'max-age': '7d'}}),
      requiring({scan: {'max-age': '192h'}}),
      /scan\.max-age: 8d; the platform allows at most 7d/,
    ],
    ['a higher limit', requiring({gate: {max: {high: 1}}}), requiring({gate: {max: {high: 2}}}), /gate\.max\.high: 2; the platform allows at most 1/],
    ['a limit more', requiring({gate: {max: {high: 1}}}), requiring({gate: {max: {low: 9}}}), undefined],
    [
      'a gate policy more',
      requiring({gate: {policies: [A]}}),
      requiring({gate: {policies: [A, B]}}),
      /gate\.policies\.1: sha256:b+; the platform has sha256:a+/,
    ],
    [
      'a builder more',
      requiring({provenance: {builders: []}}),
      requiring({provenance: {builders: [{id: 'x', key: A, level: 3}]}}),
      /builders\.0: x .*; the platform has none/,
    ],
    [
      'a lower level',
      requiring({provenance: {builders: [{id: 'x', key: A, level: 2}]}}),
      requiring({provenance: {builders: [{id: 'x', key: A, level: 1}]}}),
      /level: 1; the platform asks for at least 2/,
    ],
    ['a source more', requiring({provenance: {sources: ['git+x']}}), requiring({provenance: {sources: ['*']}}), /sources\.0: \*; the platform has git\+x/],
    ['an input more', requiring({provenance: {}}), requiring({provenance: {inputs: ['debug']}}), /inputs\.0: debug; the platform has none/],
    ['inputs of what the platform does not ask for', requiring({}), requiring({provenance: {inputs: ['debug']}}), undefined],
    ['fewer approvals', approving({minimum: 1}), approving({minimum: 1, by: [{person: 'jo', ...other}]}), undefined],
    ['fewer approvals than asked for', approving({minimum: 2}), approving({minimum: 1}), /minimum: 1; the platform asks for at least 2/],
    ['approval by the author', approving({}), approving({'not-author': false}), /not-author: false; the platform has true/],
    ['another approver', approving({}), approving({by: [{person: 'al', ...other}]}), /by\.0: al .*; the platform has jo/],
    ['approvals where none were asked for', requiring({}), approving({'not-author': true}), undefined],
    ['another promotion key', production({promotion: {key: 'file:/k', ...key}}), production({promotion: {key: 'file:/k', ...other}}), /promotion: /],
    ['a rule where there are none', requiring({}), {images: [rule]}, /images\.0\.match: vendor\.example\/\*; the platform has no rule for it/],
    ['a rule for longer', {images: [rule]}, {images: [{...rule, until: '2028-01-01'}]}, /until: 2028-01-01; the platform ends it on 2027-01-01/],
    ['a rule for less long', {images: [rule]}, {images: [{...rule, until: '2026-01-01'}]}, undefined],
    ['a digest more', {images: [rule]}, {images: [{...rule, digests: [A, B]}]}, /digests\.1: sha256:b+/],
    ['another kind of proof', {images: [rule]}, {images: [{...rule, keys: [key]}]}, /keys: some; the platform names none/],
    ['another approver of a rule', {images: [rule]}, {images: [{...rule, 'approved-by': 'me'}]}, /approved-by: me; the platform has platform/],
    [
      'a more specific rule left out',
      {images: [rule, {...rule, match: 'vendor.example/app', digests: [B]}]},
      {images: [rule]},
      /^images: no rule for vendor\.example\/app/,
    ],
    ['a higher gate limit', {gate: {}}, {gate: {secrets: 1}}, /^gate\.secrets: 1; the platform allows at most 0$/],
    ['a lower limit, and one more', {gate: {vulnerabilities: {medium: 5}}}, {gate: {vulnerabilities: {medium: 4, low: 100}}}, undefined],
    ['what has no fix left out', {gate: {}}, {gate: {vulnerabilities: {'only-fixed': true}}}, /only-fixed: true; the platform has false/],
    ['an older database', {gate: {vulnerabilities: {'database-max-age': '12h'}}}, {gate: {vulnerabilities: {'database-max-age': '90m'}}}, undefined],
    ['a database that may be older', {gate: {}}, {gate: {vulnerabilities: {'database-max-age': '2d'}}}, /database-max-age: 2d; the platform allows at most 1d/],
    ['errors in code, which nobody allowed', {gate: {}}, {gate: {code: {error: 1}}}, /^gate\.code\.error: 1; the platform allows at most 0$/],
    ['warnings in code', {gate: {code: {error: 0, warning: 1}}}, {gate: {code: {warning: 2}}}, /warning: 2; the platform allows at most 1/],
    ['another list of revocations', {revocations: {from: '/a', key}}, {revocations: {from: '/b'}}, /revocations\.from: \/b; the platform has \/a/],
    ['another key of the list', {revocations: {from: '/a', key}}, {revocations: {key: other}}, /revocations\.key\.spki/],
    ['an older list', {revocations: {from: '/a', key, 'max-age': '1h'}}, {revocations: {'max-age': '2h'}}, /max-age: 2h; the platform allows at most 1h/],
    ['a fresher list', {revocations: {from: '/a', key}}, {revocations: {'max-age': '5m'}}, undefined],
    [
      'a root where identities are trusted',
      requiring({signature: {identities: [KEYLESS]}}),
      {'trusted-root': '/mine.json'},
      /^trusted-root: \/mine\.json; the platform has nothing/,
    ],
    ['persons where authors may not approve', approving({}), {identities: '/mine.yaml'}, /^identities: \/mine\.yaml; the platform has nothing/],
    ['persons where nobody approves', requiring({}), {identities: '/mine.yaml'}, undefined],
  ]
  for (const [name, floor, own, expected] of cases) {
    it(`${expected === undefined ? 'lets a service ask for' : 'refuses'} ${name}`, () => {
      const lines = found(floor, own)
      if (expected === undefined) assert.deepEqual(lines, [])
      else assert.ok(lines.length === 1 && expected.test(lines[0] ?? ''), lines.join('\n') || 'nothing was found')
    })
  }

  it('names every place at once', () => {
    const floor = {...requiring({scan: {'max-age': '1d'}, gate: {max: {high: 0}}}), gate: {}}
    const own = {...requiring({scan: {'max-age': '2d'}, gate: {max: {high: 1}}}), gate: {secrets: 1}}
    assert.equal(found(floor, own).length, 3)
  })
})
