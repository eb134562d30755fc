import assert from 'node:assert/strict'
import {admissionServers} from '../../admission-server.ts'

describe('probes and metrics of an admission server', () => {
  const bed = admissionServers()
  const get = async (url: string, options: RequestInit = {}) => {
    const response = await fetch(url, options)
    return [response.status, await response.text(), response.headers.get('content-type')?.split(';')[0]]
  }

  it('tell that it lives, whether it is ready or why not, and how it does', async () => {
    let why: string | undefined = 'the policy is not read yet'
    const {server} = await bed.start({unready: () => why, metrics: () => 'verdicts_total 1\n'})
    assert.deepEqual(await get(`${server.observeUrl}/healthz`), [200, 'ok\n', 'text/plain'])
    assert.deepEqual(await get(`${server.observeUrl}/readyz`), [503, 'the policy is not read yet\n', 'text/plain'])
    why = undefined
    assert.deepEqual(await get(`${server.observeUrl}/readyz?verbose`), [200, 'ok\n', 'text/plain'])
    const response = await fetch(`${server.observeUrl}/metrics`)
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    assert.equal(await response.text(), 'verdicts_total 1\n')
  })

  it('judge nothing', async () => {
    const {server, requests} = await bed.start({answer: () => assert.fail('it was asked')})
    assert.equal((await get(`${server.observeUrl}/validate`, {method: 'POST', body: '{}'}))[0], 404)
    assert.equal((await get(`${server.observeUrl}/metrics`, {method: 'POST'}))[0], 405)
    assert.deepEqual((await get(`${server.observeUrl}/healthz`, {method: 'HEAD'})).slice(0, 2), [200, ''])
    assert.deepEqual(requests.all, [])
  })

  it('are not ready where that cannot be told, and the fault is', async () => {
    const {server, faults} = await bed.start({unready: () => assert.fail('broken')})
    assert.equal((await get(`${server.observeUrl}/readyz`))[0], 503)
    assert.match(String(await faults.first(() => true)), /broken/)
  })

  it('are not ready any more when the certificate has ended', async () => {
    const seconds = 2
    const {server, certificates} = await bed.start({}, {files: {...bed.authority.issue(['127.0.0.1'], seconds / 3_600), ca: bed.clients.cert}})
    const end = certificates.all[0]?.expires.getTime() ?? 0
    while (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
    const [status, text] = await get(`${server.observeUrl}/readyz`)
    assert.equal(status, 503)
    assert.match(String(text), /its certificate expired at/)
  })
})
