/** A registry is asked through HTTPS_PROXY; this machine never is. */
import assert from 'node:assert/strict'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {startRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

describe('a proxy', function () {
  this.timeout(60_000)
  let proxy: Server
  let asked: string[]
  let workspace: Workspace
  let env: Record<string, string>

  before(async () => {
    asked = []
    proxy = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(502).end()
    })
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    env = {HTTPS_PROXY: address, HTTP_PROXY: address}
    workspace = await createWorkspace()
    assert.equal((await workspace.cli(['init', '--system', 'proxied', '--generate-key'])).exitCode, 0)
  })
  after(async () => {
    await new Promise((done) => proxy.close(done))
    await workspace.remove()
  })
  beforeEach(() => (asked = []))

  it('is asked for a registry elsewhere, and its failure is no verdict', async () => {
    const image = `registry.invalid/clinic/api@sha256:${'0'.repeat(64)}`
    const {exitCode, stdout} = await workspace.cli(['verify', image, '--key', 'cosign.pub', '--json'], {env})
    assert.equal(exitCode, 4, stdout)
    assert.ok(asked.includes('registry.invalid:443'), asked.join(' '))
  })

  it('is not asked where NO_PROXY names the registry', async () => {
    const image = `registry.invalid/clinic/api@sha256:${'0'.repeat(64)}`
    const {exitCode} = await workspace.cli(['verify', image, '--key', 'cosign.pub'], {env: {...env, NO_PROXY: 'registry.invalid'}})
    assert.equal(exitCode, 4)
    assert.deepEqual(asked, [])
  })

  it('is never asked for this machine', async () => {
    const registry = await startRegistry()
    try {
      const image = `${registry.host}/clinic/api@sha256:${'0'.repeat(64)}`
      const {exitCode} = await workspace.cli(['verify', image, '--key', 'cosign.pub'], {env})
      assert.equal(exitCode, 6)
      assert.deepEqual(asked, [])
    } finally {
      await registry.stop()
    }
  })
})
