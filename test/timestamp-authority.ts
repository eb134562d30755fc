/**
 * A real timestamp authority for tests (RFC 3161): the program of `toolchain/timestamp-server`, on a free loopback port,
 * with a root of its own. Its certificates hold for one year before and after its start.
 */
import {X509Certificate} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {builtTool} from '../scripts/built-tool.ts'
import {startListening} from './listening-program.ts'

export interface TimestampAuthority {
  /** Takes a POST of application/timestamp-query. */
  readonly url: string
  /** The signing certificate, then the root. */
  readonly chainPem: string
  /** The same as an entry of `timestampAuthorities` in a Sigstore trusted root. */
  readonly trusted: object
  /** Stamps are made at the true time and so many seconds; negative for the past. */
  setClockOffset(seconds: number): Promise<void>
  stop(): Promise<void>
}

export async function startTimestampAuthority(): Promise<TimestampAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'timestamp-authority-'))
  const file = join(folder, 'chain.pem')
  try {
    const {host, ask, stop} = await startListening(builtTool('timestamp-server'), ['-chain', file])
    const url = `http://${host}/api/v1/timestamp`
    const chainPem = readFileSync(file, 'utf8')
    return {
      url,
      chainPem,
      trusted: trustedEntry(url, chainPem),
      async setClockOffset(seconds) {
        await ask(`offset ${seconds}s`)
      },
      stop,
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

function trustedEntry(url: string, chainPem: string): object {
  const certificates = chainPem.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem))
  const [leaf] = certificates
  if (leaf === undefined) throw new Error('the timestamp authority wrote no certificate')
  return {
    subject: {organization: 'Synthetic', commonName: 'synthetic timestamp root'},
    uri: url,
    certChain: {certificates: certificates.map(({raw}) => ({rawBytes: raw.toString('base64')}))},
    validFor: {start: new Date(leaf.validFrom).toISOString(), end: new Date(leaf.validTo).toISOString()},
  }
}
