/** The server as Gatekeeper's own client (Go) finds it: connections that stay, and refusals that keep pods out and are understood. */
import assert from 'node:assert/strict'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {parseProviderRequest, providerResponse} from '../../src/lib/admission/provider-protocol.ts'
import {admissionServers} from '../admission-server.ts'
import {createAuthority, type IssuedCertificate} from '../certificates.ts'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {ALLOWS, PROVIDER} from './gate.ts'
import {startEngine, type Engine} from './start-engine.ts'

describe('the admission server and Gatekeeper', () => {
  const bed = admissionServers()
  const engines: Engine[] = []
  afterEach(async () => Promise.all(engines.splice(0).map(async (engine) => engine.stop())))

  const POD = reviewValue({containers: [container('registry.test/web@sha256:aa')]})
  const allow = async (body: Uint8Array) => providerResponse({items: parseProviderRequest(body).map((key) => ({key, value: ALLOWS}))})
  const engineOf = async (url: string, certificate: IssuedCertificate = bed.gatekeeper) => {
    const provider = providerManifest({name: PROVIDER, url: `${url}/validate`, authority: bed.authority.cert})
    const engine = await startEngine({provider, constraints: constraints(PROVIDER), certificate, cache: '0s'})
    engines.push(engine)
    return async () => (await engine.review(POD)).violations.map(({message}) => message)
  }

  it('understand each other, on a connection that stays when certificates are replaced', async () => {
    const {server, certificates, requests} = await bed.start({answer: allow})
    const review = await engineOf(server.url)
    assert.deepEqual(await review(), [])
    // A new connection could not be: the client does not trust this one.
    bed.mount({...createAuthority('Synthetic other authority').issue(['127.0.0.1']), ca: bed.clients.cert})
    await certificates.first((state) => state !== certificates.all[0])
    assert.deepEqual(await review(), [])
    assert.ok(requests.all.every(({outcome, peer}) => outcome === 'answered' && peer === 'gatekeeper'))
  })

  it('part after one answer more when the authority of the clients is replaced', async () => {
    const {server, certificates} = await bed.start({answer: allow})
    const review = await engineOf(server.url)
    assert.deepEqual(await review(), [])
    bed.mount({...bed.good, ca: createAuthority('Synthetic successor').cert})
    await certificates.first((state) => state !== certificates.all[0])
    assert.deepEqual(await review(), [])
    const [why = ''] = await review()
    assert.match(why, /its certificate is not accepted/)
  })

  it('keep a pod out, and say why: not a client, no verdict in time, a fault', async () => {
    const {server, requests} = await bed.start({answer: allow})
    const [stranger = ''] = await (await engineOf(server.url, bed.clients.issueTo({name: 'somebody'})))()
    assert.match(stranger, /its certificate names nobody who may ask/)
    assert.equal((await requests.first(() => true)).outcome, 'not-a-client')

    const slow = await bed.start({answer: async () => new Promise(() => undefined)}, {deadline: 50})
    const [late = ''] = await (await engineOf(slow.server.url))()
    assert.match(late, /there is no verdict after 50 ms/)

    const broken = await bed.start({answer: async () => Promise.reject(new Error('broken'))})
    const [fault = ''] = await (await engineOf(broken.server.url))()
    assert.match(fault, /a fault of the admission server/)
  })
})
