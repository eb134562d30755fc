/**
 * A small service as image files: Debian's own lists, npm packages from a lock
 * file, on request a jar. Synthetic: names and versions are real so that
 * scanners find them, content is not.
 */
import {buildImage, buildIndex, type OciImage} from './build-image.ts'
import {jar} from './jar.ts'
import type {FileMap} from './tar.ts'

export interface ServiceInput {
  readonly name?: string
  readonly version?: string
  /** npm package -> version. */
  readonly npm?: Readonly<Record<string, string>>
  /** Version of a jar that calls itself log4j-core; without one there is no jar. */
  readonly log4j?: string
  readonly platform?: string
}

/** Clean by default; `log4j: '2.14.1'` is the vulnerable one. */
export function serviceImage({
  name = 'patient-api',
  version = '1.0.0',
  npm = {lodash: '4.17.21'},
  log4j,
  platform = 'linux/amd64',
}: ServiceInput = {}): OciImage {
  const architecture = platform.split('/')[1] ?? 'amd64'
  return buildImage({
    platform,
    layers: [{files: debianFiles(architecture)}, {files: {...npmFiles(name, version, npm), ...(log4j === undefined ? {} : log4jFiles(log4j))}}],
    config: {User: '10001', WorkingDir: '/app', Cmd: ['node', 'server.js'], Env: ['PATH=/usr/local/bin:/usr/bin:/bin']},
  })
}

/** The same service for two platforms. */
export function serviceIndex(input: Omit<ServiceInput, 'platform'> = {}): OciImage {
  return buildIndex(['linux/amd64', 'linux/arm64'].map((platform) => serviceImage({...input, platform})))
}

export function debianFiles(architecture: string): FileMap {
  const packages = {'base-files': '12.4+deb12u11', libc6: '2.36-9+deb12u10', openssl: '3.0.16-1~deb12u1', zlib1g: '1:1.2.13.dfsg-1'}
  return {
    'etc/os-release':
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    'etc/debian_version': '12.11\n',
    'var/lib/dpkg/status': Object.entries(packages)
      .map(([name, version]) => dpkgEntry(name, version, architecture))
      .join('\n'),
  }
}

function dpkgEntry(name: string, version: string, architecture: string): string {
  return `Package: ${name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 100\nMaintainer: Synthetic Fixture <fixture@example.com>\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: synthetic entry\n`
}

function npmFiles(name: string, version: string, npm: Readonly<Record<string, string>>): FileMap {
  const about = {name, version, license: 'Apache-2.0', dependencies: npm}
  const installed = Object.entries(npm).map(([dependency, at]) => [`node_modules/${dependency}`, {version: at, license: 'MIT'}] as const)
  return {
    'app/server.js': "import {createServer} from 'node:http'\ncreateServer((_, response) => response.end('ok')).listen(8080)\n",
    'app/package.json': document({...about, type: 'module'}),
    'app/package-lock.json': document({name, version, lockfileVersion: 3, requires: true, packages: {'': about, ...Object.fromEntries(installed)}}),
    ...Object.fromEntries(installed.map(([path, entry]) => [`app/${path}/package.json`, document({name: path.slice('node_modules/'.length), ...entry})])),
  }
}

function log4jFiles(version: string): FileMap {
  return {[`app/lib/log4j-core-${version}.jar`]: jar({group: 'org.apache.logging.log4j', artifact: 'log4j-core', version})}
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
