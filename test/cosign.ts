/** Cosign as a part of tests, by itself: what another producer does, and what our own use of it is compared with. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {run, type Argv} from '../src/lib/process.ts'
import {createLocate} from '../src/lib/toolbox/locate.ts'

/** Path of the Cosign that set-up found or built. */
export async function cosignProgram(): Promise<string> {
  return (await createLocate({cwd: import.meta.dirname, env: process.env}, run)('cosign')).real
}

export interface AttestBlob {
  /** Key file, or `awskms:///alias/NAME`. */
  readonly key: string
  /** URL, and entry of the trusted root, of the authority that stamps the signature; default none. */
  readonly timestamps?: {readonly url: string; readonly trusted: object}
}

/**
 * Writes a synthetic statement, signing configuration and trusted root into `folder`. Nothing is asked but the key
 * service and the timestamp authority.
 * @returns the command that signs the statement into `bundle.json`
 */
export function attestBlob(program: string, folder: string, {key, timestamps}: AttestBlob): Argv {
  const file = (name: string, value: object) => {
    writeFileSync(join(folder, name), JSON.stringify(value))
    return join(folder, name)
  }
  const statement = {_type: 'https://in-toto.io/Statement/v1', subject: [], predicateType: 'https://example.test/synthetic', predicate: {}}
  const tsaUrls = timestamps && [{url: timestamps.url, majorApiVersion: 1, validFor: {start: '2020-01-01T00:00:00Z'}, operator: 'synthetic'}]
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    rekorTlogConfig: {},
    ...(tsaUrls === undefined ? {tsaConfig: {}} : {tsaUrls, tsaConfig: {selector: 'ANY'}}),
  }
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    ...(timestamps !== undefined && {timestampAuthorities: [timestamps.trusted]}),
  }
  const offline = ['--signing-config', file('signing-config.json', config), '--trusted-root', file('trusted-root.json', root)]
  const what = ['--statement', file('statement.json', statement), '--bundle', join(folder, 'bundle.json')]
  return [program, 'attest-blob', '--key', key, '--yes', ...what, ...offline]
}
