/** Who plays in the demo: jo writes the change, sam approves it, and production has a promotion key of its own. */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {run} from '../../src/lib/process.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {generateKeyPair} from '../../src/lib/tools/cosign-keys.ts'

const PERSONS = `# Synthetic: nobody is called so.
version: 1
persons:
  - {person: jo, principals: [{issuer: git, id: jo@clinic.example}]}
  - {person: sam, principals: [{issuer: git, id: sam@clinic.example}]}
`

/** The source under version control, written by jo: provenance names the authors of a change by it. */
export async function commitSource(folder: string): Promise<void> {
  writeFileSync(join(folder, '.gitignore'), '*\n!source/\n!source/**\n')
  const jo = ['-c', 'user.name=Jo', '-c', 'user.email=jo@clinic.example', '-c', 'commit.gpgsign=false'] as const
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'feat: patient api'],
  ]) {
    const result = await run(['git', ...jo, ...args], {cwd: folder, timeout: 20_000})
    if (result.kind !== 'exited' || result.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${JSON.stringify(result)}`)
  }
}

/** @param env has the password of the keys */
export async function makeKeys(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const password = env['COSIGN_PASSWORD'] ?? ''
  for (const name of ['sam', 'promotion']) {
    const {value} = await createRunTool({cwd: folder, env: process.env})(generateKeyPair, {password})
    writeFileSync(join(folder, `${name}.key`), value.privateKey, {mode: 0o600})
    writeFileSync(join(folder, `${name}.pub`), value.publicKey)
  }
}

/** What production asks for, in a file that the platform keeps. */
export function writeProductionPolicy(folder: string, repository: string): void {
  const pin = (name: string) => {
    const key = readPublicKey(readFileSync(join(folder, `${name}.pub`), 'utf8'))
    if (key === undefined) throw new Error(`${name}.pub is no public key`)
    return `spki: "sha256:${key.spki}", file: ${name}.pub`
  }
  writeFileSync(join(folder, 'identities.yaml'), PERSONS)
  writeFileSync(
    join(folder, 'production.yaml'),
    `version: 1
system: patient-api
identities: identities.yaml
environments:
  production:
    repository: ${repository}
    requires:
      signature: {keys: [{${pin('cosign')}}]}
      sbom: {}
      provenance: {}
      scan: {max-age: 7d}
      gate: {}
    approvals: {minimum: 1, not-author: true, by: [{person: sam, ${pin('sam')}}]}
    promotion: {key: "file:promotion.key", ${pin('promotion')}}
`,
  )
}
