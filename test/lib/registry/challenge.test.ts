import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parseChallenge} from '../../../src/lib/registry/challenge.ts'
import {dockerConfigPath} from '../../../src/lib/registry/docker-config.ts'
import {checkAddress, originOf, sameOrigin} from '../../../src/lib/registry/origin.ts'
import {retryAfter} from '../../../src/lib/registry/retry.ts'

describe('parseChallenge', () => {
  it('reads quoted and plain parameters, in any case', () => {
    assert.deepEqual(parseChallenge('bEaReR Realm="https://a.example/t?x=1,2" , service=s,scope="repository:a/b:pull,push"'), {
      scheme: 'bearer',
      parameters: {realm: 'https://a.example/t?x=1,2', service: 's', scope: 'repository:a/b:pull,push'},
    })
    assert.deepEqual(parseChallenge(String.raw`Basic realm="a \"b\""`), {scheme: 'basic', parameters: {realm: 'a "b"'}})
  })

  it('prefers Bearer', () => assert.equal(parseChallenge('Basic realm="x", Bearer realm="y"')?.scheme, 'bearer'))

  it('knows no other scheme', () => {
    for (const text of [null, '', 'Negotiate', 'Basically realm="x"', 'x'.repeat(5000)]) assert.equal(parseChallenge(text), undefined)
  })

  it('ends, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({unit: fc.constantFrom('Bearer', 'basic', '=', '"', '\\', ',', 'a', ' '), maxLength: 1500}), (text) => {
        parseChallenge(text)
      }),
    )
  })
})

describe('addresses', () => {
  it('are plain HTTP on loopback only', () => {
    for (const host of ['localhost', 'localhost:5000', '127.0.0.1:1', '127.9.9.9', '[::1]:5000']) assert.equal(originOf(host).protocol, 'http:')
    for (const host of ['registry.example.com', 'localhost.example.com', '128.0.0.1', '127.0.0.1.example.com', '[::2]'])
      assert.equal(originOf(host).protocol, 'https:')
    assert.equal(originOf('docker.io').host, 'registry-1.docker.io')
  })

  it('of another server on loopback are not safe for a registry elsewhere', () => {
    const far = new URL('https://registry.example.com')
    assert.throws(() => checkAddress(new URL('http://127.0.0.1:80/'), far), {code: 'registry.protocol'})
    checkAddress(new URL('https://cdn.example.com/x'), far)
  })

  it('that must stay do stay', () => {
    const base = new URL('https://registry.example.com/v2/')
    assert.equal(sameOrigin('/u?x=1', base).href, 'https://registry.example.com/u?x=1')
    for (const address of [
      '//evil.example/x',
      'https://registry.example.com:444/',
      'http://registry.example.com/',
      'https://a@registry.example.com/',
      'https://[',
    ]) {
      assert.throws(() => sameOrigin(address, base), {code: 'registry.protocol'})
    }
  })
})

describe('retryAfter', () => {
  it('reads seconds and dates', () => {
    assert.equal(retryAfter('2', 0), 2000)
    assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 2000), 3000)
    assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 9000), 0)
    for (const header of [null, 'soon', '-1x']) assert.equal(retryAfter(header, 0), undefined)
  })
})

describe('dockerConfigPath', () => {
  it('is where Docker looks', () => {
    assert.equal(dockerConfigPath({DOCKER_CONFIG: '/d'}), '/d/config.json')
    assert.equal(dockerConfigPath({HOME: '/h', DOCKER_CONFIG: ''}), '/h/.docker/config.json')
  })
})
