/** Certificates are replaced while the server goes on. */
import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {admissionServers} from '../../admission-server.ts'
import {createAuthority} from '../../certificates.ts'

describe('the certificates of an admission server', () => {
  const bed = admissionServers()
  const {authority, clients, good} = bed
  const renewed = {...authority.issue(['127.0.0.1', 'renewed.example']), ca: clients.cert}
  const successor = createAuthority('Synthetic successor')

  it('are replaced under load, and no connection is lost', async () => {
    const {server, certificates} = await bed.start()
    const through = bed.agent({keepAlive: true, maxSockets: 4})
    const round = async () => Promise.all(Array.from({length: 4}, async () => bed.post(server, {through})))
    assert.ok((await round()).every(({reused}) => !reused))

    const answers = []
    const before = certificates.all.length
    bed.mount(renewed)
    while (certificates.all.length === before) answers.push(...(await round()))
    answers.push(...(await round()))

    assert.deepEqual(new Set(answers.map(({status, reused}) => `${status} ${reused}`)), new Set(['200 true']))
    assert.equal(certificates.all.at(-1)?.kept, undefined)
    const shown = (await bed.socketTo(server)).getPeerCertificate().subjectaltname
    assert.match(shown ?? '', /renewed\.example/)
  })

  it('leave TLS 1.3 and the question for a certificate as they were', async () => {
    const {server, certificates} = await bed.start()
    bed.mount(renewed)
    await certificates.first((state) => state !== certificates.all[0])
    await assert.rejects(bed.socketTo(server, {maxVersion: 'TLSv1.2'}), {code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'})
    assert.equal((await bed.post(server, {cert: '', key: ''})).status, 403)
    const session = new Promise((resolve) => void bed.socketTo(server).then((socket) => socket.once('session', resolve)))
    const resumed = await bed.socketTo(server, {session: (await session) as Buffer})
    assert.equal(resumed.isSessionReused(), false)
  })

  it('let nobody in by an authority that was replaced, and one answer more on connections that are open', async () => {
    const {server, certificates} = await bed.start()
    const through = bed.agent({keepAlive: true, maxSockets: 1})
    assert.equal((await bed.post(server, {through})).status, 200)

    bed.mount({...good, ca: successor.cert})
    await certificates.first((state) => state !== certificates.all[0])

    const last = await bed.post(server, {through})
    assert.deepEqual([last.status, last.reused, last.headers.connection], [200, true, 'close'])
    const after = await bed.post(server, {through})
    assert.deepEqual([after.status, after.reused], [403, false])
    assert.equal((await bed.post(server, successor.issueTo({name: 'gatekeeper'}))).status, 200)
  })

  it('may name the old and the new authority for a while', async () => {
    const {server} = await bed.start({}, {files: {...good, ca: `${clients.cert}${successor.cert}`}})
    assert.equal((await bed.post(server)).status, 200)
    assert.equal((await bed.post(server, successor.issueTo({name: 'gatekeeper'}))).status, 200)
  })

  const UNUSABLE: readonly (readonly [string, Partial<typeof good>, RegExp])[] = [
    ['a key of another certificate', {key: renewed.key}, /tls\.key is not that of the certificate/],
    ['half a certificate', {cert: good.cert.slice(0, 200)}, /tls\.crt is cut off/],
    ['half of two authorities', {ca: `${clients.cert}${successor.cert.slice(0, 200)}`}, /ca\.crt is cut off/],
    ['no authority', {ca: ''}, /ca\.crt holds no certificate/],
    ['an authority that is none', {ca: clients.issueTo({name: 'gatekeeper'}).cert}, /no authority: CN=gatekeeper/],
    ['no key', {key: 'a secret that nobody may read'}, /tls\.key holds no private key/],
    ['what is no certificate', {cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'}, /cannot be read/],
    ['one that has expired', authority.issue(['127.0.0.1'], -0.5), /tls\.crt expired at 20/],
  ]
  for (const [what, files, message] of UNUSABLE) {
    it(`are kept where the files hold ${what}, and that is told once; and it starts with none of it`, async () => {
      const {server, certificates} = await bed.start()
      bed.mount({...good, ...files})
      const {kept, expires} = await certificates.first((state) => state.kept !== undefined)
      assert.match(kept ?? '', message)
      assert.doesNotMatch(kept ?? '', /a secret/)
      assert.equal(expires.getTime(), certificates.all[0]?.expires.getTime())
      assert.equal((await bed.post(server)).status, 200)

      bed.mount(renewed)
      await certificates.first((state) => state !== certificates.all[0] && state.kept === undefined)
      assert.equal(certificates.all.filter((state) => state.kept !== undefined).length, 1)
      assert.equal((await bed.post(server)).status, 200)

      await assert.rejects(bed.start({}, {files: {...good, ...files}}), {code: 'admission.server', message})
    })
  }

  it('go on being used where a file is gone, and where it is written in place', async () => {
    const {server, certificates} = await bed.start()
    const {certificate, key} = bed.mount(good)
    writeFileSync(certificate, renewed.cert)
    await certificates.first(({kept}) => kept?.includes('is not that of') === true)
    assert.equal((await bed.post(server)).status, 200)
    writeFileSync(key, renewed.key)
    await certificates.first((state) => state !== certificates.all[0] && state.kept === undefined)
    assert.match((await bed.socketTo(server)).getPeerCertificate().subjectaltname ?? '', /renewed\.example/)
    await assert.rejects(bed.start({}, {key: `${key}.gone`}), {code: 'admission.server', message: /cannot read .*gone: ENOENT/})
  })
})
