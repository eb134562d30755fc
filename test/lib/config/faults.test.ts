import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {configFolder, MINIMAL} from './config-folder.ts'

const PIN = `sha256:${'a'.repeat(64)}`

describe('loadConfig, faults', () => {
  const folder = configFolder()

  describe('faults', () => {
    it('are reported all at once, each with line and column', async () => {
      const text = [
        'version: 2',
        'sytem: x',
        'gate:',
        '  secret: 0',
        '  vulnerabilities: {critical: -1, high: many, database-max-age: 1 day}',
        'environments:',
        '  Local: {}',
        '  staging:',
        '    match: {clusters: [], namespaces: ["*"]}',
        '    requires:',
        '      signature:',
        `        keys: [{spki: "${PIN}"}, {spki: sha256:abc, file: k.pub, status: lost}]`,
        'images:',
        '  - match: ""',
        'platforms: linux/amd64',
        '',
      ].join('\n')
      assert.deepEqual(await folder.faults(text), [
        'hipaa-ci.yaml:1:1: system: is missing',
        'hipaa-ci.yaml:1:10: version: must be 1, not 2',
        'hipaa-ci.yaml:2:1: sytem: unknown key; did you mean system?',
        'hipaa-ci.yaml:4:3: gate.secret: unknown key; did you mean secrets?',
        'hipaa-ci.yaml:5:31: gate.vulnerabilities.critical: must be at least 0, not -1',
        'hipaa-ci.yaml:5:41: gate.vulnerabilities.high: must be a number, not "many"',
        'hipaa-ci.yaml:5:65: gate.vulnerabilities.database-max-age: must be a number and a unit: 90s, 15m, 24h, 7d',
        'hipaa-ci.yaml:7:3: environments.Local: the name must be lower-case letters, digits and hyphens',
        'hipaa-ci.yaml:9:13: environments.staging.match.clusters: is empty',
        'hipaa-ci.yaml:12:16: environments.staging.requires.signature.keys[0].file: is missing',
        'hipaa-ci.yaml:12:106: environments.staging.requires.signature.keys[1].spki: must be sha256:<64 hex> of the public key (SPKI)',
        'hipaa-ci.yaml:12:139: environments.staging.requires.signature.keys[1].status: must be active or retired or compromised, not "lost"',
        'hipaa-ci.yaml:14:5: images[0].approved-by: is missing',
        'hipaa-ci.yaml:14:5: images[0].until: is missing',
        'hipaa-ci.yaml:14:12: images[0].match: is empty',
        'hipaa-ci.yaml:15:12: platforms: must be a list, not "linux/amd64"',
      ])
    })

    it('name two patterns of images of which neither decides', async () => {
      const rule = (match: string) => `  - {match: "${match}", digests: ["${PIN}"], approved-by: kim, until: 2027-01-01}\n`
      const faults = await folder.faults(`${MINIMAL}images:\n${rule('r.io/*a*')}${rule('r.io/a')}${rule('r.io/*b*')}`)
      assert.deepEqual(faults, [
        'hipaa-ci.yaml:6:13: images[2].match: "r.io/*b*" and "r.io/*a*" can match one image, and neither is more specific; write one of them out further',
      ])
    })

    it('name the known keys where nothing is near', async () => {
      assert.deepEqual(await folder.faults(`${MINIMAL}query: {colour: red}\n`), ['hipaa-ci.yaml:3:9: query.colour: unknown key; known here: engine'])
    })

    it('refuse what a later version will honour instead of ignoring it', async () => {
      const text = [
        'version: 1',
        'system: x',
        'index: s3://acme-index/hipaa',
        'query: {engine: athena, workgroup: w, database: d}',
        'redaction: {key: "awskms:///alias/redaction"}',
        'gate: {waivers: waivers.yaml}',
        'environments:',
        '  production:',
        '    requires:',
        `      signature: {keys: [{spki: "${PIN}", file: k.pub}]}`,
        '      provenance: {contracts: []}',
        '      scan: {enforce-at: promotion}',
        '',
      ].join('\n')
      const lines = await folder.faults(text)
      assert.equal(lines.length, 8)
      for (const line of lines) assert.match(line, /^hipaa-ci\.yaml:\d+:\d+: [\w.[\]-]+: .*not supported by this version/)
      assert.ok(lines.includes('hipaa-ci.yaml:3:8: index: "s3://acme-index/hipaa" is not supported by this version; use folder:PATH'))
      assert.ok(lines.some((line) => line.endsWith('environments.production.requires.scan.enforce-at: is not supported by this version; take it out')))
    })

    it('never print what stands where a reference to a secret belongs', async () => {
      const {message} = await folder.refusal(`${MINIMAL}redaction: {key: hunter2hunter2}\nsigning: {key: [hunter2hunter2]}\n`)
      assert.ok(!message.includes('hunter2'))
      assert.match(message, /redaction\.key: must be env:NAME or file:PATH/)
    })

    it('shorten long values and long lists', async () => {
      const [line] = await folder.faults(`${MINIMAL}gate: {secrets: ${'x'.repeat(500)}}\n`)
      assert.ok((line ?? '').length < 150)
      const many = await folder.faults(`${MINIMAL}${Array.from({length: 80}, (_, n) => `zzzzzzzz${n}: 1`).join('\n')}\n`)
      assert.equal(many.length, 51)
      assert.equal(many.at(-1), 'and 30 more')
    })
  })

  describe('hostile and broken files', () => {
    const cases: [string, string | Uint8Array, RegExp][] = [
      ['a doubled key', `${MINIMAL}gate: {secrets: 5, secrets: 0}\n`, /^hipaa-ci\.yaml:3:20: the key secrets is there twice$/],
      ['an alias', `${MINIMAL}gate: &limits {secrets: 0}\nquery: *limits\n`, /^hipaa-ci\.yaml:4:8: the alias \*limits is not allowed/],
      ['an alias of nothing', `${MINIMAL}query: *nothing\n`, /the alias \*nothing is not allowed/],
      ['a merge key', `${MINIMAL}gate: {"<<": {secrets: 9}}\n`, /gate\.<<: unknown key/],
      ['tabs', `version: 1\nsystem: x\ngate:\n\tsecrets: 0\n`, /^hipaa-ci\.yaml:4:1: tabs are not allowed/],
      ['a tag', `${MINIMAL}gate: {secrets: !!int "5"}\n`, /^hipaa-ci\.yaml:3:23: the tag .* is not allowed$/],
      ['a directive', `%YAML 1.1\n---\n${MINIMAL}`, /%YAML directive is not allowed/],
      ['two documents', `${MINIMAL}---\nversion: 1\n`, /multiple documents/],
      ['a key that is no text', `${MINIMAL}environments: {1: {}}\n`, /^hipaa-ci\.yaml:3:16: a key must be text/],
      ['__proto__', `${MINIMAL}gate: {__proto__: {secrets: 9}}\n`, /unknown key __proto__/],
      ['constructor', `${MINIMAL}constructor: {}\n`, /^hipaa-ci\.yaml:3:1: constructor: unknown key/],
      ['an open bracket', `${MINIMAL}gate: {secrets: [\n`, /^hipaa-ci\.yaml:\d+:\d+: /],
      ['bytes that are not UTF-8', Buffer.from([0x76, 0xff, 0xfe, 0x0a]), /^hipaa-ci\.yaml is not UTF-8$/],
      ['a list', '- version: 1\n', /^hipaa-ci\.yaml:1:1: must be a mapping, not a list$/],
      ['deep nesting', `${MINIMAL}gate: ${'['.repeat(100_000)}\n`, /nested too deeply/],
      ['deep nesting by lines', `${Array.from({length: 1200}, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}\n`, /nested too deeply|unknown key/],
      ['more than 1 MiB', `${MINIMAL}#${'x'.repeat(1024 * 1024)}\n`, /is larger than 1024 KiB$/],
    ]
    for (const [name, text, expected] of cases)
      it(`refuse ${name}`, async () => {
        const lines = await folder.faults(text)
        assert.ok(
          lines.some((line) => expected.test(line)),
          lines.join('\n'),
        )
      })

    it('say of an empty file what is missing', async () => {
      assert.deepEqual(await folder.faults(''), ['hipaa-ci.yaml:1:1: version: is missing', 'hipaa-ci.yaml:1:1: system: is missing'])
    })

    it('refuse a folder and a pipe instead of waiting for it', async () => {
      await mkdir(join(folder.path, 'folder.yaml'))
      assert.match((await folder.refusal(undefined, {path: 'folder.yaml'})).message, /is not a file$/)
      execFileSync('mkfifo', [join(folder.path, 'pipe.yaml')])
      assert.match((await folder.refusal(undefined, {path: 'pipe.yaml'})).message, /is not a file$/)
    })
  })
})
