/**
 * The composition root: the only file that names adapters, each by `import()`,
 * so that a command loads what it uses and no more.
 */
import {hostname, userInfo} from 'node:os'
import process from 'node:process'
import {setTimeout} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {ciFacts, claimedCommit} from '../ci/facts.ts'
import {gatherGit, type RunGit} from '../ci/git.ts'
import {tokenOffer} from '../ci/token-offer.ts'
import type {Config} from '../config/schema.ts'
import {AppError} from '../errors.ts'
import {parseStoreAddress, type S3Address} from '../evidence/store-address.ts'
import type {CiFacts, Context} from '../ports/context.ts'
import type {RunPosition} from '../ports/evidence-store.ts'
import type {ConfigFlags, ConfigOptions} from './config-context.ts'
import {createProgress} from './progress.ts'

/** The global flags of `BaseCommand`. */
export interface ContextFlags extends ConfigFlags {
  readonly 'no-record'?: boolean
}

export interface ContextOptions extends ConfigOptions {
  /** Of hipaa-ci. */
  readonly version: string
  /** `verified`: who acts is taken from the platform's identity token, where it offers one. Default `claimed`: from variables. */
  readonly identity?: 'verified' | 'claimed'
  /** It delivers the spool: what it records goes straight into the store, in a run of its own, and waits for nothing. */
  readonly delivers?: boolean
  /** Told once where evidence had to wait in the spool, with the spool's path. */
  readonly onWaiting?: (spool: string) => void
}

export async function createContext(
  flags: ContextFlags,
  {version, identity = 'claimed', delivers = false, onWaiting = () => undefined, ...options}: ContextOptions,
): Promise<Context> {
  const cwd = process.cwd()
  const {env} = process
  const files = await lazyFiles()
  const proxied = once(async () => (await import('../registry/environment-proxy.ts')).useEnvironmentProxy(env))
  const fetchDocument: Context['fetchDocument'] = async (address) => {
    const [{fetchDocument: fetchNow}] = await Promise.all([import('../documents/fetch-document.ts'), proxied()])
    return fetchNow(address)
  }
  const {effectiveConfig} = await import('./config-context.ts')
  const config = await effectiveConfig(flags, options, {cwd, env, files, fetchDocument, verifySignature})
  const runFile = env['HIPAA_CI_RUN']
  if (runFile === '') throw new AppError('usage.empty', 'HIPAA_CI_RUN is set, but empty', {fix: 'Unset it, or: eval "$(hipaa-ci run start)"'})
  if (flags['no-record'] === true && runFile !== undefined)
    throw new AppError('usage.flag', '--no-record is refused inside a run: a step that leaves no record is a gap in it', {
      fix: 'Leave --no-record out, or unset HIPAA_CI_RUN.',
    })

  // Once, because a judge of many images asks again and again, and an import that is there already still costs.
  const targets = once(async () => Promise.all([import('../images/target.ts'), import('../registry/probe-path.ts')]))
  const registries = once(async () => Promise.all([import('../registry/open-registry.ts'), proxied()]))
  const ci = once(async () => (identity === 'verified' ? provenFacts(await facts(cwd), proxied) : facts(cwd)))
  const {monotonicFactory} = await import('ulid')
  const ulid = monotonicFactory()
  const newId = () => ulid(now().getTime())
  const variable = (name: string) => env[name]
  const progress = createProgress()

  const storeAt: Context['storeAt'] = async (address) => {
    const place = parseStoreAddress(address)
    if (place.kind === 'folder') return (await import('../stores/folder.ts')).openFolderStore(place.path)
    return (await bucketAt(place)).store
  }
  const bucketAt = async (place: S3Address) => {
    const [{openBucket}] = await Promise.all([import('../stores/s3/open-bucket.ts'), proxied()])
    return openBucket(place)
  }
  const {spool: spoolPath} = config
  const spool = spoolPath === undefined ? undefined : once(async () => (await import('../stores/spool.ts')).openSpool(spoolPath, config.store))
  const store = once(async () => {
    const own = await storeAt(config.store)
    if (spool === undefined || delivers) return own
    return (await import('../stores/spooled.ts')).spooledStore(own, spool, (path, text) => {
      onWaiting(path)
      progress.note(text)
    })
  })
  const position = once(async (): Promise<RunPosition> => {
    if (runFile !== undefined && !delivers) return (await import('../stores/run-file.ts')).openRunFile(runFile)
    return (await import('../stores/implicit-run.ts')).implicitRun(newId(), (await ci()).job ?? 'main')
  })

  return {
    version,
    cwd,
    config,
    ci,
    now,
    newId,
    variable,
    progress,
    files,
    async *linesOf(path) {
      yield* (await import('../stores/file-lines.ts')).fileLines(path)
    },
    filesIn: async (path) => (await import('../stores/files-in.ts')).filesIn(path),
    project: async () => (await import('../project/project-files.ts')).projectFiles(gitIn),
    async runTool(spec, input) {
      const {createRunTool} = await import('../toolbox/run-tool.ts')
      return createRunTool({cwd, env})(spec, input)
    },
    store,
    spool: async () => spool?.(),
    storeAt,
    async storeControls() {
      const place = parseStoreAddress(config.store)
      if (place.kind === 'folder')
        throw new AppError('store.unsupported', `${config.store} is a folder, and locks nothing`, {
          fix: 'Only a bucket keeps locks and holds: --store "s3://BUCKET/PREFIX?region=REGION".',
        })
      return (await bucketAt(place)).controls
    },
    async checkpointKey(reference) {
      const [{openCheckpointKey}, {AWS_DEFAULTS}] = await Promise.all([import('../keys/open-checkpoint-key.ts'), import('../keys/aws-client.ts'), proxied()])
      return openCheckpointKey(reference, {...AWS_DEFAULTS, env, note: (text) => progress.note(text)})
    },
    async recorder(given, into) {
      const {createRecorder, noRecorder} = await import('../actions/evidence/record-evidence.ts')
      if (flags['no-record'] === true) return noRecorder
      const key = await redactionSecret(config, variable)
      return createRecorder({
        store: into ?? (await store()),
        position: given ?? (await position()),
        ci: await ci(),
        system: config.system,
        toolversion: `hipaa-ci/${version}`,
        now,
        newId,
        key,
      })
    },
    runs: async () => (await import('../stores/run-file.ts')).runFiles,
    admissionLog: async (folder, bounds) => (await import('../admission-log/open-log.ts')).openAdmissionLog(folder, bounds),
    index: once(async () => {
      const [{openFolderIndex}, {withLock}, {indexFolder}] = await Promise.all([
        import('../duckdb/folder-index.ts'),
        import('../lock.ts'),
        import('../index/index-folder.ts'),
      ])
      return openFolderIndex(indexFolder(config), withLock)
    }),
    async target(text) {
      const [{parseTarget}, {probePath}] = await targets()
      return parseTarget(text, probePath)
    },
    async images(target) {
      if (target.kind === 'layout') return (await import('../registry/layout.ts')).openLayout(target.path)
      const [{openRegistry}] = await registries()
      return openRegistry(target.repository, {
        askHelper: async (...asked) => (await import('../toolbox/credential-helper.ts')).createAskCredentialHelper({cwd, env})(...asked),
      })
    },
    checkouts: async () => (await import('../registry/checkouts.ts')).checkouts,
    async advisories() {
      const {advisoryFolder, readAdvisoryDatabase} = await import('../scanners/advisory-database.ts')
      return readAdvisoryDatabase(advisoryFolder(variable))
    },
    codeRules: [fileURLToPath(new URL('../../../rules', import.meta.url))],
    verifySignature,
    async serviceKey(uri) {
      const [{openAwsKey}, {AWS_DEFAULTS}] = await Promise.all([import('../keys/open-aws-key.ts'), import('../keys/aws-client.ts'), proxied()])
      return openAwsKey(uri, {...AWS_DEFAULTS, env})
    },
    async timestamp(url, signature) {
      const [{requestTimestamp, TIMESTAMP_DEFAULTS}] = await Promise.all([import('../timestamps/request-timestamp.ts'), proxied()])
      return requestTimestamp(url, signature, TIMESTAMP_DEFAULTS)
    },
    timestampTime: async () => (await import('../sigstore/timestamp-time.ts')).timestampTime,
    fetchDocument,
    wait,
    startAdmissionServer: async () => (await import('../admission-server/start-admission-server.ts')).startAdmissionServer,
  }
}

async function verifySignature() {
  return (await import('../sigstore/verify-signature.ts')).verifySignature
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, {signal}).catch(() => undefined)
}

function now(): Date {
  return new Date()
}

async function redactionSecret(config: Config, variable: (name: string) => string | undefined) {
  const reference = config.redaction.key
  if (reference === undefined) return undefined
  const [{resolveReference}, {redactionKey}] = await Promise.all([import('../config/reference.ts'), import('../evidence/redaction/token.ts')])
  return redactionKey(await resolveReference(reference, {key: 'redaction.key', root: config.root, variable}))
}

async function facts(cwd: string): Promise<CiFacts> {
  return ciFacts(process.env, await gatherGit(gitIn(cwd), claimedCommit(process.env)), {name: hostname(), user: userInfo().username})
}

function gitIn(folder: string): RunGit {
  return async (args) => {
    const {run} = await import('../process.ts')
    const result = await run(['git', ...args], {cwd: folder, timeout: 20_000})
    return result.kind === 'exited' ? result : undefined
  }
}

/** What a token proves takes the place of what variables claim. @throws AppError `identity.*` */
async function provenFacts(claimed: CiFacts, proxied: () => Promise<void>): Promise<CiFacts> {
  if (tokenOffer(process.env) === undefined) return claimed
  const [{verifyJob}, {createGetJson}, {verifiedFacts}] = await Promise.all([
    import('../identity/verify-job.ts'),
    import('../identity/get-json.ts'),
    import('../ci/verified-facts.ts'),
    proxied(),
  ])
  const job = await verifyJob({env: process.env, getJson: createGetJson(), now: now()})
  return job === undefined ? claimed : verifiedFacts(claimed, job)
}

/** Makes it at the first call, and once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

async function lazyFiles(): Promise<Context['files']> {
  const {fileReader} = await import('../stores/file-reader.ts')
  return fileReader
}
