/**
 * Stands for Cosign where a test needs signatures and not Cosign: in process, by keys that the test made.
 *
 * Promise: `public-key --key PATH` prints the public half of the key that lies at PATH, `attest-blob --key PATH` signs the
 * statement with it, byte for byte; whatever else is asked of it, or of another tool, is refused.
 */
import type {RunTool} from '../../src/lib/ports/tools.ts'
import type {TestSigner} from './dsse-signer.ts'

/** @param keys by absolute path */
export function fakeCosign(keys: ReadonlyMap<string, TestSigner>): RunTool {
  return async (spec, input) => {
    const argv = spec.argv(input, '/scratch')
    const [command] = argv
    const signer = keys.get(argv[argv.indexOf('--key') + 1] ?? '')
    if (spec.tool !== 'cosign' || signer === undefined) throw new Error(`nobody asked for ${spec.tool} ${argv.join(' ')}`)
    const output = {exitCode: 0, stdout: '', stderr: '', files: new Map<string, Uint8Array>()}
    const statement = spec.inputs?.(input).get('statement.json')
    if (command === 'attest-blob' && statement !== undefined) output.files.set('bundle.json', signer.bundle(statement))
    else if (command === 'public-key') output.stdout = signer.pem
    else throw new Error(`Cosign is not asked for ${argv.join(' ')}`)
    return {value: spec.parse(output, input), tool: {name: 'cosign', version: '3.1.2', sha256: '4'.repeat(64)}}
  }
}
