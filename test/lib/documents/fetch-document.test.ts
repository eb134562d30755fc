import assert from 'node:assert/strict'
import {createServer, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {gzipSync} from 'node:zlib'
import {fetchDocument} from '../../../src/lib/documents/fetch-document.ts'

const LIMITS = {maxBytes: 1024, timeout: 5_000}

describe('fetchDocument', () => {
  let server: Server
  let address: string
  let asked: {path: string; headers: Readonly<Record<string, unknown>>}[]
  let answer: (path: string, response: ServerResponse) => void

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push({path: request.url ?? '', headers: request.headers})
      answer(request.url ?? '', response)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  const why = async (path = '/', limits = LIMITS) => {
    const found = await fetchDocument(`${address}${path}`, limits)
    return found.kind === 'read' ? `read ${Buffer.from(found.bytes).toString()}` : found.why
  }

  it('gives the bytes, and sends no credentials', async () => {
    answer = (_, response) => void response.end('text')
    assert.equal(await why('/list'), 'read text')
    assert.equal(asked.length, 1)
    const {authorization, cookie} = asked[0]?.headers ?? {}
    assert.deepEqual([authorization, cookie], [undefined, undefined])
  })

  it('follows three redirects on one scheme, and no fourth', async () => {
    answer = (path, response) => {
      const left = Number(path.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, {location: `/${left - 1}`}).end()
    }
    assert.equal(await why('/3'), 'read there')
    assert.match(await why('/4'), /redirects more than 3 times/)
  })

  it('does not follow into another scheme, off this machine in the clear, or with credentials', async () => {
    const to = async (location: string) => {
      answer = (_, response) => void response.writeHead(307, {location}).end()
      return why()
    }
    assert.match(await to('https://127.0.0.1:1/'), /would go on with https/)
    assert.match(await to('file:///etc/hostname'), /would go on with file/)
    assert.match(await to('http://policy.example/'), /must be https/)
    assert.match(await to(`http://user:secret@127.0.0.1:1/`), /credentials/)
    assert.match(await to('http://['), /nowhere/)
    assert.equal(asked.length, 5)
  })

  it('takes nothing but a 200 for an answer', async () => {
    for (const status of [204, 401, 404, 429, 500, 503]) {
      answer = (_, response) => void response.writeHead(status).end('text')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal(await why(), `answered ${status}`)
    }
  })

  it('stops reading at its limit, also of what unfolds', async () => {
    answer = (path, response) => {
      const bytes = Buffer.alloc(path === '/fits' ? 1024 : 1024 * 1024)
      if (path === '/gzip') response.writeHead(200, {'content-encoding': 'gzip'}).end(gzipSync(bytes))
      else response.end(bytes)
    }
    assert.match(await why('/fits'), /^read/)
    assert.match(await why('/large'), /sends more than/)
    assert.match(await why('/gzip'), /sends more than/)
  })

  it('gives up on a server that does not answer, or not to the end', async () => {
    answer = (path, response) => {
      if (path === '/slow') response.writeHead(200).write('begun')
      if (path === '/cut') response.writeHead(200, {'content-length': '10'}).write('begun', () => response.destroy())
    }
    assert.match(await why('/silent', {...LIMITS, timeout: 200}), /did not answer within/)
    assert.match(await why('/slow', {...LIMITS, timeout: 200}), /did not answer within/)
    assert.match(await why('/cut'), /did not answer/)
  })

  it('says so where nothing listens, and asks nothing that is not safe', async () => {
    await new Promise((done) => server.close(done))
    assert.match(await why(), /ECONNREFUSED/)
    for (const [text, words] of [
      ['http://policy.example/', /must be https/],
      ['ftp://127.0.0.1/', /must be https/],
      ['https://user@policy.example/', /credentials/],
      ['https://', /no address/],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const found = await fetchDocument(text, LIMITS)
      assert.match(found.kind === 'unreachable' ? found.why : 'read', words, text)
    }
  })
})
