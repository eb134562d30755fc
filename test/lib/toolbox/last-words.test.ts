import assert from 'node:assert/strict'
import {lastWords, withoutCredentials} from '../../../src/lib/toolbox/last-words.ts'

describe('toolbox/last-words', () => {
  it('keeps the last six lines that say something, and their beginning', () => {
    assert.equal(lastWords('1\n2\r\n\n3\n4\n5\n6\n  7  \n\n'), '2\n3\n4\n5\n6\n7')
    assert.equal(lastWords('x'.repeat(1000)).length, 301)
    assert.equal(lastWords(' \n'), '')
  })

  it('drops what a terminal would obey', () => {
    assert.equal(lastWords('\u001B[31mred\u001B[0m\u0007 \u001B[2Jend\u0000'), 'red end')
  })

  it('drops credentials', () => {
    const cases = [
      ['Get "https://bot:hunter2@host/v2/"', 'Get "https://***@host/v2/"'],
      ['https://host/x?X-Amz-Signature=abc&a=b', 'https://host/x?X-Amz-Signature=***&a=b'],
      ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
      ['{"password": "hunter2", "user": "u"}', '{"password": "***", "user": "u"}'],
      ['COSIGN_PASSWORD=hunter2 x', 'COSIGN_PASSWORD=*** x'],
      ['token: abc', 'token: ***'],
    ] as const
    for (const [text, expected] of cases) assert.equal(withoutCredentials(text), expected)
  })

  it('leaves digests, addresses and sentences alone', () => {
    for (const text of ['manifest sha256:abc not found', 'dial tcp 127.0.0.1:5000: connect: connection refused', 'http://host:5000/a@sha256:ff'])
      assert.equal(withoutCredentials(text), text)
  })
})
