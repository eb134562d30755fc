/**
 * `npm run demo`: from build to an auditor's answer, with the real tools, offline, in the folder `.demo`.
 *
 *   npm run demo                       a small advisory database out of this repository
 *   npm run demo -- --real-database    Trivy's own, downloaded
 */
import {spawnSync} from 'node:child_process'
import {cpSync, readdirSync, readFileSync, chmodSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import process from 'node:process'
import chalk from 'chalk'
import {makeKeys, writeProductionPolicy} from './demo/people.ts'
import {setStage, type Stage} from './demo/stage.ts'
import {tellStory, type Story} from './demo/story.ts'

const started = Date.now()
const realDatabase = process.argv.includes('--real-database')
const {status} = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts'), '--if-stale'], {stdio: 'inherit'})
if (status !== 0) process.exit(1)

process.stdout.write(
  `${chalk.bold('hipaa-ci demo')}: one service, from build to an auditor's answer.\nReal Syft, Trivy, Semgrep and Cosign; nothing leaves this machine.\n`,
)
const stage = await setStage(realDatabase)
try {
  const env = environment(stage)
  await tell(stage, tellStory(stage.folder, env), env)
  process.stdout.write(
    `\n${chalk.green('✔')} Done in ${((Date.now() - started) / 1000).toFixed(0)} s. The store is still there: ${relative(process.cwd(), stage.folder)}. Ask it: cd ${relative(process.cwd(), stage.folder)} && ../node_modules/.bin/node ../bin/run.js query\n`,
  )
} catch (error) {
  process.stderr.write(`\n${chalk.red('✖')} the demo stopped: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await stage.stop()
}

async function tell({folder, repository, production, images}: Stage, story: Story, env: Readonly<Record<string, string>>): Promise<void> {
  const at = (digest: string) => `${repository}@${digest}`

  story.chapter('Set up', 'A configuration with one environment, and a key pair that the environment pins.')
  await story.type(['init', '--system', 'patient-api', '--repository', repository, '--generate-key'], 0)

  story.chapter('Version 1.0.0 goes all the way', 'One command, one run of evidence.')
  await story.type(['pipeline', at(images.first)], 0)
  await deploy(story, at(images.first))

  story.chapter('Version 1.1.0 is stopped', 'A jar says that it is log4j-core 2.14.1. The gate ends with 1 and nothing is signed.')
  await story.type(['pipeline', at(images.vulnerable)], 1)

  story.chapter('Version 1.1.1 is fixed and deployed', 'The same with log4j-core 2.25.3; its source code is scanned too.')
  await story.type(['pipeline', at(images.fixed), '--source', 'source'], 0)
  await deploy(story, at(images.fixed))

  story.chapter(
    'It is approved, and promoted to production',
    "The policy of production wants the word of somebody who did not write the change: jo did, so sam says it, with a key of sam's own.",
  )
  await makeKeys(folder, env)
  writeProductionPolicy(folder, production)
  await story.type(['promote', at(images.fixed), '--to', 'production', '--config', 'production.yaml'], 6)
  await story.type(['approve', at(images.fixed), '--to', 'production', '--key', 'file:sam.key', '--config', 'production.yaml'], 0)
  await story.type(['promote', at(images.fixed), '--to', 'production', '--tag', '1.1.1', '--config', 'production.yaml'], 0)
  await story.type(['verify', `${production}@${images.fixed}`, '--config', 'production.yaml'], 0)

  story.chapter('An image that nobody signed is refused at admission', 'The cluster asks; the refusal is evidence too.')
  writeFileSync(join(folder, 'review.json'), admissionReview(at(images.unsigned)))
  await story.type(['admission', 'decide', 'review.json', '--cluster', 'local', '--policy', 'hipaa-ci.yaml'], 1)

  story.chapter('The auditor asks', 'Four questions. Every answer says how it was made and what is known to be missing.')
  await story.type(['query', 'rejected', '--since', '1h'], 0)
  await story.type(['query', 'signed-images', '--since', '1h'], 0)
  await story.type(['query', 'component', '--component', 'log4j-core@2.14.1'], 0)
  await story.type(['query', 'new-dependencies', '--since', '1h'], 0)

  story.chapter('The evidence is sealed, and one record is proven', 'The proof goes to somebody who has nothing but it and the public key.')
  await story.type(['evidence', 'seal'], 0)
  await story.type(['evidence', 'checkpoint', '--letter', 'letter.md'], 0)
  const record = approvalIn(folder)
  await story.type(['evidence', 'prove', record, '--out', 'approval.tlog-proof'], 0)
  await story.type(['evidence', 'verify-proof', 'approval.tlog-proof', '--key', 'checkpoint.pub'], 0)

  story.chapter('What is here is unchanged, and a change is found', 'One byte of one record is changed, in a copy of the store.')
  await story.type(['evidence', 'verify', '--anchor', 'letter.md'], 0)
  const copy = tamperedCopy(folder)
  await story.type(['evidence', 'verify', '--store', `folder:${copy}`], 5)
}

async function deploy(story: Story, subject: string): Promise<void> {
  const detail = JSON.stringify({cluster: 'local', namespace: 'clinic', workload: 'deployment/patient-api'})
  await story.type(['emit', 'deployment', '--file', '-', '--environment', 'local', '--subject', subject], 0, {stdin: detail})
}

/** The id of the one approval. */
function approvalIn(folder: string): string {
  const names = readdirSync(join(folder, '.hipaa-ci', 'evidence', 'records', 'v1', 'approval'), {recursive: true, encoding: 'utf8'})
  const id = names.map((name) => /([0-9A-Z]{26})-[0-9a-f]{64}\.json\.gz$/.exec(name)?.[1]).find((found) => found !== undefined)
  if (id === undefined) throw new Error('there is no approval to prove')
  return id
}

/** A copy in which one byte of the first signature record is another. */
function tamperedCopy(folder: string): string {
  const copy = 'evidence-tampered'
  cpSync(join(folder, '.hipaa-ci', 'evidence'), join(folder, copy), {recursive: true})
  const records = join(folder, copy, 'records', 'v1', 'signature')
  const name = readdirSync(records, {recursive: true, encoding: 'utf8'}).find((file) => file.endsWith('.json.gz'))
  if (name === undefined) throw new Error('there is no signature record to change')
  const file = join(records, name)
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x01
  chmodSync(file, 0o644)
  writeFileSync(file, bytes)
  return copy
}

function admissionReview(image: string): string {
  return `${JSON.stringify(
    {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: '7d0c4f6e-2f2b-4f5e-9a55-0d4a3c9b1e10',
        kind: {group: '', version: 'v1', kind: 'Pod'},
        resource: {group: '', version: 'v1', resource: 'pods'},
        namespace: 'clinic',
        operation: 'CREATE',
        dryRun: false,
        userInfo: {username: 'system:serviceaccount:clinic:deployer', groups: ['system:serviceaccounts', 'system:authenticated']},
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {name: 'patient-api', namespace: 'clinic', uid: '0b9f6f0a-6a0e-4d0e-8c0e-3a52f3f3c001'},
          spec: {containers: [{name: 'api', image}]},
        },
      },
    },
    null,
    2,
  )}\n`
}

function environment({trivyCache}: Stage): Record<string, string> {
  return {
    // Wherever it runs, it plays on a workstation: a CI job would not sign with a key file.
    CI: 'false',
    GITHUB_ACTIONS: '',
    GITLAB_CI: '',
    COSIGN_PASSWORD: 'a password for the demo only',
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    ...(trivyCache !== undefined && {HIPAA_CI_TRIVY_CACHE: trivyCache}),
  }
}
