import assert from 'node:assert/strict'
import {parseTarget, type PathFacts, type PathProbe} from '../../../src/lib/images/target.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

/** A file system of names: whatever is not listed is absent. */
function names(entries: Record<string, PathFacts['kind']>): PathProbe {
  return (path) => Promise.resolve({kind: entries[path] ?? 'absent', path: `/cwd/${path}`})
}

const probe = names({
  img: 'layout',
  'img:v1': 'folder',
  src: 'folder',
  'a.tar': 'oci-archive',
  'd.tar': 'docker-archive',
  'notes.txt': 'other-file',
  'host.example/app': 'layout',
  './host.example/app': 'layout',
})

describe('parseTarget', () => {
  const good: [string, object][] = [
    ['img', {kind: 'layout', path: '/cwd/img'}],
    ['img:v2', {kind: 'layout', path: '/cwd/img', tag: 'v2'}],
    [`img@${DIGEST}`, {kind: 'layout', path: '/cwd/img', digest: DIGEST}],
    [`img:v2@${DIGEST}`, {kind: 'layout', path: '/cwd/img', tag: 'v2', digest: DIGEST}],
    ['img:v1', {kind: 'folder', path: '/cwd/img:v1'}],
    ['src', {kind: 'folder', path: '/cwd/src'}],
    ['a.tar', {kind: 'archive', path: '/cwd/a.tar', format: 'oci-archive'}],
    ['d.tar', {kind: 'archive', path: '/cwd/d.tar', format: 'docker-archive'}],
    ['docker-archive:a.tar', {kind: 'archive', path: '/cwd/a.tar', format: 'docker-archive'}],
    ['oci-dir:img:v2', {kind: 'layout', path: '/cwd/img', tag: 'v2'}],
    ['oci-dir:host.example/app', {kind: 'layout', path: '/cwd/host.example/app'}],
    ['./host.example/app', {kind: 'layout', path: '/cwd/./host.example/app'}],
    ['dir:img', {kind: 'folder', path: '/cwd/img'}],
    ['registry:host.example/app:1', {kind: 'registry', repository: 'host.example/app', tag: '1'}],
    [`host.example/other@${DIGEST}`, {kind: 'registry', repository: 'host.example/other', digest: DIGEST}],
  ]
  for (const [text, expected] of good) {
    it(`reads ${text.slice(0, 40)}`, async () => assert.deepEqual(await parseTarget(text, probe), {...expected, text}))
  }

  const bad: [string, string, RegExp][] = [
    ['', 'usage.empty', /empty/],
    ['  ', 'usage.empty', /empty/],
    ['registry:', 'usage.empty', /registry:/],
    ['dir:', 'usage.empty', /dir:/],
    ['notes.txt', 'usage.target', /no image archive/],
    ['host.example/app', 'usage.target', /both a path and an image/],
    ['./gone', 'usage.target', /no file or folder/],
    ['/gone', 'usage.target', /no file or folder/],
    ['gone.tar', 'usage.target', /no file or folder/],
    ['gone', 'usage.target', /names no registry/],
    ['oci-dir:src', 'usage.target', /not an OCI layout/],
    ['oci-dir:gone', 'usage.target', /no file or folder/],
    ['dir:a.tar', 'usage.target', /not a folder/],
    ['oci-archive:src', 'usage.target', /not an oci-archive/],
    ['oci-archive:notes.txt', 'usage.target', /not an oci-archive/],
    ['img@sha256:abc', 'usage.target', /digest "sha256:abc"/],
    ['img:', 'usage.target', /tag ""/],
  ]
  for (const [text, code, message] of bad) {
    it(`refuses ${JSON.stringify(text)}`, async () => assert.rejects(parseTarget(text, probe), {code, message}))
  }
})
