/** Cosign makes a key pair: ECDSA P-256, the private half encrypted with a password (scrypt, secretbox). */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'

export interface KeyPair {
  /** PEM, `ENCRYPTED SIGSTORE PRIVATE KEY`. */
  readonly privateKey: Uint8Array
  /** PEM, `PUBLIC KEY`. */
  readonly publicKey: string
}

export const generateKeyPair: ToolSpec<{readonly password: string}, KeyPair> = {
  tool: 'cosign',
  answers: [0],
  outputs: ['pair.key', 'pair.pub'],
  argv: (_, scratch) => ['generate-key-pair', '--output-key-prefix', `${scratch}/pair`],
  // Set even where it is empty: unset, Cosign would ask a terminal that is not there.
  env: ({password}) => ({COSIGN_PASSWORD: password}),
  timeout: 120_000,
  parse({files}) {
    const privateKey = files.get('pair.key')
    const publicKey = new TextDecoder().decode(files.get('pair.pub') ?? new Uint8Array())
    if (privateKey === undefined || privateKey.byteLength === 0 || !publicKey.includes('-----BEGIN PUBLIC KEY-----'))
      throw new AppError('tool.output', 'cosign wrote no key pair')
    return {privateKey, publicKey}
  },
}
