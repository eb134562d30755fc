/** A real key service, a real authority and the real Cosign: what was signed, by which road, and what is refused. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {signStatement} from '../../../../src/lib/actions/sign/sign-statement.ts'
import {openSigningKey} from '../../../../src/lib/actions/sign/signing-key.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {isTimestamped} from '../../../../src/lib/evidence/bundle.ts'
import {SIGN_TYPE, statementBytes} from '../../../../src/lib/evidence/statement.ts'
import {AWS_DEFAULTS} from '../../../../src/lib/keys/aws-client.ts'
import {openAwsKey} from '../../../../src/lib/keys/open-aws-key.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import type {RequestTimestamp} from '../../../../src/lib/ports/keys.ts'
import {run} from '../../../../src/lib/process.ts'
import {openRegistry} from '../../../../src/lib/registry/open-registry.ts'
import {verifySignature} from '../../../../src/lib/sigstore/verify-signature.ts'
import {requestTimestamp, TIMESTAMP_DEFAULTS} from '../../../../src/lib/timestamps/request-timestamp.ts'
import {createRunTool} from '../../../../src/lib/toolbox/run-tool.ts'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {cosignProgram} from '../../../cosign.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {startLocalKms, type LocalKms} from '../../../local-kms.ts'
import {startRegistry, type TestRegistry} from '../../../registry.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../../../timestamp-authority.ts'

const URI = 'awskms:///alias/image-signing'

describe('signStatement', function () {
  this.timeout(60_000)
  let kms: LocalKms
  let authority: TimestampAuthority
  let registry: TestRegistry
  let folder: string
  const own = {...process.env}

  before(async () => {
    kms = await startLocalKms()
    authority = await startTimestampAuthority()
    registry = await startRegistry()
    folder = mkdtempSync(join(tmpdir(), 'sign-statement-'))
    process.env = {...own, ...kms.env}
  })
  after(async () => {
    process.env = own
    rmSync(folder, {recursive: true, force: true})
    for (const part of [kms, authority, registry]) await part.stop()
  })

  interface Place {
    readonly timestamp?: string
    /** Certificates that an environment pins. */
    readonly chain?: string
    readonly ask?: RequestTimestamp
  }
  const place = ({timestamp, chain, ask}: Place = {}): Context => {
    const pin = chain !== undefined && {file: 'tsa.pem', sha256: `sha256:${createHash('sha256').update(chain).digest('hex')}`}
    const signature = {identities: [{issuer: 'https://issuer.example', identity: 'x'}], 'timestamp-authorities': pin === false ? [] : [pin]}
    const config = {version: 1, system: 'x', signing: {key: URI, ...(timestamp !== undefined && {timestamp})}, environments: {local: {requires: {signature}}}}
    return quietContext({
      config: {...Config.parse(config), root: '/policy'},
      ci: async () => ({platform: 'workstation', ci: false, source: 'x', actor: {}, change: {authors: []}}),
      files: {exists: async () => chain !== undefined, read: async () => Buffer.from(chain ?? '')},
      serviceKey: async (uri) => openAwsKey(uri, {...AWS_DEFAULTS, env: process.env}),
      timestamp: ask ?? (async (url, signed) => requestTimestamp(url, signed, TIMESTAMP_DEFAULTS)),
      runTool: createRunTool({cwd: folder, env: process.env}),
      verifySignature: async () => verifySignature,
    })
  }
  const statement = (digest = `sha256:${'a'.repeat(64)}`) => statementBytes({predicateType: SIGN_TYPE, predicate: {}, digests: [digest]})

  for (const many of [false, true]) {
    describe(many ? 'in process' : 'by Cosign', () => {
      it('makes a bundle that cosign verify and verify-attestation accept', async () => {
        const context = place()
        const repository = `${registry.host}/clinic/${many ? 'many' : 'one'}`
        const store = openRegistry(repository)
        const digest = await pushImage(store, serviceImage({version: '1.0.0'}))
        const key = await openSigningKey(undefined, context, {many})
        const {bundle, tool} = await signStatement(statement(digest), key, context)
        assert.equal(tool?.name, many ? undefined : 'cosign')
        await attachBundle(store, (await store.resolve(digest)).descriptor, bundle)
        writeFileSync(join(folder, 'image.pub'), key.public.pem)
        for (const command of [['verify'], ['verify-attestation', '--type', SIGN_TYPE]]) {
          const offline = ['--key', join(folder, 'image.pub'), '--insecure-ignore-tlog=true', `${repository}@${digest}`]
          const result = await run([await cosignProgram(), ...command, ...offline])
          assert.ok(result.kind === 'exited' && result.exitCode === 0, `${command.join(' ')}: ${JSON.stringify(result)}`)
        }
      })

      it('shows each signature to the authority, and adds its timestamp to the bundle', async () => {
        const shown: Uint8Array[] = []
        const ask: RequestTimestamp = async (url, signed) => {
          shown.push(signed)
          return requestTimestamp(url, signed, TIMESTAMP_DEFAULTS)
        }
        const context = place({timestamp: authority.url, ask})
        const made = await signStatement(statement(), await openSigningKey(undefined, context, {many}), context)
        assert.ok(isTimestamped(made.bundle))
        assert.equal(shown.length, 1)
        assert.equal(made.signedAt, undefined, 'nobody trusts the authority yet')
      })

      it('makes nothing where the key was replaced in between', async () => {
        const replaced = await startLocalKms()
        process.env = {...process.env, ...replaced.env}
        try {
          const context = place()
          const key = await openSigningKey(undefined, context, {many})
          await replaced.replaceKey({alias: 'alias/image-signing'}).catch(() => undefined)
          // In process the key is named by its ARN, and what was looked at signs; Cosign asks for the alias again.
          if (many) assert.ok((await signStatement(statement(), key, context)).bundle)
          else await assert.rejects(signStatement(statement(), key, context), {code: 'tool.output'})
        } finally {
          process.env = {...process.env, ...kms.env}
          await replaced.stop()
        }
      })
    })
  }

  it('knows the time of a timestamp that an environment accepts', async () => {
    const context = place({timestamp: authority.url, chain: authority.chainPem})
    const made = await signStatement(statement(), await openSigningKey(undefined, context, {many: true}), context)
    assert.match(made.signedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('makes nothing with a timestamp that no environment accepts', async () => {
    const stranger = await startTimestampAuthority()
    try {
      const context = place({timestamp: stranger.url, chain: authority.chainPem})
      const key = await openSigningKey(undefined, context, {many: true})
      await assert.rejects(signStatement(statement(), key, context), {code: 'timestamp.unreachable', message: /is not one that an environment accepts/})
    } finally {
      await stranger.stop()
    }
  })
})
