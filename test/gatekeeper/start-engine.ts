/** Gatekeeper's own engine (`toolchain/constraint-engine`) with the manifests as they are shipped, in a process of its own. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {z} from 'zod'
import {builtTool} from '../../scripts/built-tool.ts'
import {constraintTemplate} from '../../src/lib/admission/manifests/constraint-template.ts'
import type {IssuedCertificate} from '../certificates.ts'

export interface EngineOptions {
  /** Manifests. */
  readonly provider: unknown
  readonly constraints: readonly unknown[]
  /** Default: as shipped. */
  readonly template?: unknown
  /** What it shows to the provider. */
  readonly certificate: IssuedCertificate
  /** How long answers are kept, as Go writes it; default as in Gatekeeper, `0s` is not at all. */
  readonly cache?: string
  /** As Gatekeeper's audit looks at what is there. */
  readonly audit?: boolean
}

const Answer = z.strictObject({
  uid: z.string(),
  violations: z.array(z.strictObject({constraint: z.string(), action: z.string(), message: z.string(), details: z.unknown()})),
})
export type Answer = z.infer<typeof Answer>

export interface Engine {
  /** @param review AdmissionReview. @throws what the engine said, where it could not review */
  review(review: unknown): Promise<Answer>
  stop(): Promise<void>
}

export async function startEngine({
  provider,
  constraints,
  template = constraintTemplate(),
  certificate,
  cache = '3m',
  audit = false,
}: EngineOptions): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-engine-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, {mode: 0o600})
    return join(folder, name)
  }
  write('tls.crt', certificate.cert)
  write('tls.key', certificate.key)
  const files = constraints.map((constraint, at) => write(`constraint-${at}.json`, JSON.stringify(constraint)))
  const argv = [
    `--provider=${write('provider.json', JSON.stringify(provider))}`,
    `--template=${write('template.json', JSON.stringify(template))}`,
    `--constraint=${files.join(',')}`,
    `--cert-dir=${folder}`,
    `--cache=${cache}`,
    ...(audit ? ['--audit'] : []),
  ]
  const child = spawn(builtTool('constraint-engine'), argv, {stdio: ['pipe', 'pipe', 'pipe']})
  // It ends itself where it cannot review: the line that is never read is told by its exit.
  child.stdin.on('error', () => {})
  let complaints = ''
  const ended = once(child, 'exit')
  const tooEarly = ended.then(() => Promise.reject(new Error(`the engine ended: ${complaints}`)))
  tooEarly.catch(() => {})
  const ready = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
      if (complaints.includes('ready')) resolve()
    })
  })
  const stop = async () => {
    child.stdin.end()
    await ended
    rmSync(folder, {recursive: true, force: true})
  }
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  try {
    await Promise.race([ready, tooEarly])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    async review(review) {
      child.stdin.write(`${JSON.stringify(review)}\n`)
      const line = await Promise.race([lines.next(), tooEarly])
      return Answer.parse(JSON.parse(String(line.value)))
    },
    stop,
  }
}
