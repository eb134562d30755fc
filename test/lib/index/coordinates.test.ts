import assert from 'node:assert/strict'
import {coordinatesOf, parseWanted} from '../../../src/lib/index/coordinates.ts'

describe('coordinatesOf', () => {
  for (const [name, purl, key, group] of [
    ['log4j-core', 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'log4j-core', 'org.apache.logging.log4j'],
    ['@angular/core', 'pkg:npm/%40angular/core@17.0.0', 'core', '@angular'],
    ['golang.org/x/net', 'pkg:golang/golang.org/x/net@v0.1.0', 'net', 'golang.org/x'],
    ['libc6', 'pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12', 'libc6', 'debian'],
    ['PyYAML', undefined, 'pyyaml', ''],
    ['@scope/thing', undefined, 'thing', '@scope'],
    ['group:thing', 'not a purl', 'thing', 'group'],
    ['', undefined, '', ''],
  ] as const) {
    it(`of ${name} ${purl ?? 'without a package URL'}`, () => assert.deepEqual(coordinatesOf(name, purl), {key, group}))
  }
})

describe('parseWanted', () => {
  for (const [text, key, group, version, type] of [
    ['log4j-core', 'log4j-core', '', '', ''],
    ['Log4j-Core@2.14.1', 'log4j-core', '', '2.14.1', ''],
    ['org.apache.logging.log4j:log4j-core@2.14.1', 'log4j-core', 'org.apache.logging.log4j', '2.14.1', ''],
    ['@angular/core', 'core', '@angular', '', ''],
    ['@angular/core@17.0.0', 'core', '@angular', '17.0.0', ''],
    ['pkg:npm/%40angular/core@17.0.0', 'core', '@angular', '17.0.0', 'npm'],
    ['pkg:npm/core', 'core', '', '', 'npm'],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(parseWanted(text), {key, group, version, type}))
  }
  for (const text of ['', 'name@', 'group/', 'pkg:', 'pkg:npm', 'pkg:npm/'])
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseWanted(text), undefined))
})
