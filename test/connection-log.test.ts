import assert from 'node:assert/strict'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import process from 'node:process'
import {builtTool} from '../scripts/built-tool.ts'
import {attestBlob, cosignProgram} from './cosign.ts'
import {destinations, logConnections} from './connection-log.ts'
import {startLocalKms} from './local-kms.ts'
import {scratch} from './scratch.ts'

describe('logConnections', () => {
  const folder = scratch()
  let server: Server
  let port: number
  before(async () => {
    server = createServer((_request, response) => response.end('synthetic'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ;({port} = server.address() as AddressInfo)
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const ask = () => `fetch('http://127.0.0.1:${port}').then((answer) => answer.text()).then(console.log)`

  it('sees a connection, and hands on what the program said and how it ended', async () => {
    const {exitCode, stdout, connections} = await logConnections([process.execPath, '-e', `${ask()}.then(() => process.exit(3))`])
    assert.deepEqual({exitCode, stdout}, {exitCode: 3, stdout: 'synthetic\n'})
    assert.deepEqual(connections, [{family: 'inet', address: '127.0.0.1', port, program: 'node'}])
  })

  it('sees nothing where nothing is reached for', async () => {
    assert.deepEqual((await logConnections([process.execPath, '-e', '0'])).connections, [])
  })

  it('sees what a second process, and a thread, reach for', async () => {
    const thread = `new (require('node:worker_threads').Worker)(${JSON.stringify(ask())}, {eval: true})`
    const child = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(ask())}], {stdio: 'inherit'})`
    for (const code of [thread, child, `require('node:child_process').execSync(${JSON.stringify(`true && "${process.execPath}" -e "${ask()}"`)})`]) {
      const {exitCode, connections} = await logConnections([process.execPath, '-e', code])
      assert.equal(exitCode, 0, code)
      assert.deepEqual(destinations(connections), [`inet 127.0.0.1:${port} node`], code)
    }
  })

  it('sees attempts that fail, datagrams, IPv6, and sockets of the file system', async () => {
    const missing = join(folder(), 'no.sock')
    const code = `
      require('node:net').connect(${JSON.stringify(missing)}).on('error', () => {})
      require('node:net').connect(9, '127.0.0.2').on('error', () => {})
      const datagrams = (kind, to) => { const socket = require('node:dgram').createSocket(kind); socket.send('x', 9, to, () => socket.close()) }
      datagrams('udp4', '127.0.0.3')
      datagrams('udp6', '::1')`
    const {exitCode, stderr, connections} = await logConnections([process.execPath, '-e', code])
    assert.equal(exitCode, 0, stderr)
    assert.deepEqual(destinations(connections), ['inet 127.0.0.2:9 node', 'inet 127.0.0.3:9 node', 'inet6 ::1:9 node', `unix ${missing} node`])
  })

  it('tells a program that was killed from one that ended', async () => {
    assert.equal((await logConnections([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'])).exitCode, 137)
  })

  it('says so where it may not watch: a program that is watched already, or that is not there', async () => {
    const {exitCode, stderr} = await logConnections([builtTool('connection-log'), join(folder(), 'inner'), process.execPath, '-e', '0'])
    assert.equal(exitCode, 125)
    assert.match(stderr, /connection-log: cannot start and watch the command[^\n]*operation not permitted/)
    await assert.rejects(logConnections(['/no/such/program']), /not watched to the end: connection-log: .*no such file/)
  })

  it('shows that Cosign, signing by a key service, reaches for that alone', async () => {
    const kms = await startLocalKms()
    try {
      const argv = attestBlob(await cosignProgram(), folder(), {key: 'awskms:///alias/image-signing'})
      const {exitCode, stderr, connections} = await logConnections(argv, {env: kms.env})
      assert.equal(exitCode, 0, stderr)
      assert.deepEqual(destinations(connections), [`inet ${new URL(kms.endpoint).host} cosign`])
    } finally {
      await kms.stop()
    }
  })
})
