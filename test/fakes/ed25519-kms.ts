/**
 * A key service with one Ed25519 key, on a free loopback port: the real one for tests (`test/local-kms.ts`) makes none.
 *
 * Its promise, by what AWS documents of KeySpec ECC_NIST_EDWARDS25519: the key is known by its id, its ARN and one
 * alias, and by nothing else (NotFoundException). DescribeKey tells its spec, use and state, GetPublicKey its
 * SubjectPublicKeyInfo. Sign takes messages of 1 to 4096 bytes; MessageType is RAW unless said otherwise.
 * ED25519_SHA_512 signs RAW messages as they are (RFC 8032, Ed25519), and refuses DIGEST. ED25519_PH_SHA_512, another
 * signature over a digest, is refused in both kinds: nothing of ours may ask for it. So is any other algorithm. A
 * disabled key refuses to sign and to show its public half. Refusals are HTTP 400 with `__type`, as AWS KMS answers; no
 * signature of a request is checked, and no policy.
 */
import {generateKeyPairSync, randomUUID, sign} from 'node:crypto'
import {once} from 'node:events'
import {createServer, type IncomingMessage} from 'node:http'
import type {AddressInfo} from 'node:net'
import {kmsEnvironment} from '../local-kms.ts'

export interface Ed25519Kms {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  readonly env: Readonly<Record<string, string>>
  readonly arn: string
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** Of every Sign so far: what was asked for, in order. */
  readonly asked: readonly {readonly MessageType?: string; readonly SigningAlgorithm?: string}[]
  stop(): Promise<void>
}

interface Request {
  readonly KeyId?: string
  /** Base64. */
  readonly Message?: string
  readonly MessageType?: string
  readonly SigningAlgorithm?: string
}

class Refusal extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

const ALGORITHMS = ['ED25519_SHA_512', 'ED25519_PH_SHA_512']

/** @param alias `alias/evidence-checkpoint` */
export async function startEd25519Kms({alias, disabled = false}: {readonly alias: string; readonly disabled?: boolean}): Promise<Ed25519Kms> {
  const {publicKey, privateKey} = generateKeyPairSync('ed25519')
  const spki = publicKey.export({format: 'der', type: 'spki'})
  const id = randomUUID()
  const arn = `arn:aws:kms:us-east-1:111122223333:key/${id}`
  const asked: Request[] = []

  const answer = (operation: string, request: Request): object => {
    if (![alias, id, arn].includes(request.KeyId ?? '')) throw new Refusal('NotFoundException', `${request.KeyId} is not found.`)
    const common = {KeyId: arn, KeySpec: 'ECC_NIST_EDWARDS25519', CustomerMasterKeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY'}
    if (operation === 'DescribeKey')
      return {KeyMetadata: {...common, KeyId: id, Arn: arn, Enabled: !disabled, KeyState: disabled ? 'Disabled' : 'Enabled', SigningAlgorithms: ALGORITHMS}}
    if (disabled) throw new Refusal('DisabledException', `${arn} is disabled.`)
    if (operation === 'GetPublicKey') return {...common, PublicKey: spki.toString('base64'), SigningAlgorithms: ALGORITHMS}
    if (operation !== 'Sign') throw new Refusal('UnsupportedOperationException', `${operation} is not a part of this service.`)
    const {Message = '', MessageType = 'RAW', SigningAlgorithm = ''} = request
    asked.push({MessageType, SigningAlgorithm})
    const message = Buffer.from(Message, 'base64')
    if (message.length === 0 || message.length > 4096) throw new Refusal('ValidationException', `'message' has ${message.length} bytes.`)
    if (SigningAlgorithm !== 'ED25519_SHA_512') throw new Refusal('InvalidKeyUsageException', `${SigningAlgorithm} is not for this key.`)
    if (MessageType !== 'RAW') throw new Refusal('ValidationException', `${SigningAlgorithm} takes messages of the type RAW.`)
    return {KeyId: arn, SigningAlgorithm, Signature: sign(null, message, privateKey).toString('base64')}
  }

  const server = createServer((request, response) => {
    void (async () => {
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
      const send = (status: number, body: object) => response.writeHead(status, {'content-type': 'application/x-amz-json-1.1'}).end(JSON.stringify(body))
      try {
        send(200, answer(operation, JSON.parse((await bytesOf(request)).toString()) as Request))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        send(400, {__type: error.type, message: error.message})
      }
    })().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    env: kmsEnvironment(endpoint),
    arn,
    spki,
    asked,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
