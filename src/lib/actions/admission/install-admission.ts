/**
 * What a cluster is given so that it asks us, as files to be reviewed and applied: nothing is asked and nothing is changed
 * in a cluster.
 *
 * The same again changes no file. The private key is in one file of its own, for its owner alone, and nowhere in the result.
 */
import {resolve} from 'node:path'
import {kustomization, yamlOf, yamlStream, type ManifestFile} from '../../admission/manifests/kustomization.ts'
import {firstManifests, installManifests} from '../../admission/manifests/install-manifests.ts'
import {tlsSecret} from '../../admission/manifests/certificates.ts'
import {AppError, EXIT} from '../../errors.ts'
import type {MakeCertificate} from '../../ports/certificates.ts'
import type {Context, ProjectFiles} from '../../ports/context.ts'
import {checkInstallation, portsOf, type Wanted} from './check-installation.ts'
import {installSteps, type InstallSteps} from './install-steps.ts'
import {policyToMount} from './policy-to-mount.ts'
import {namedAuthorities, servingCertificate, stillTrusted, type ServingCertificate} from './serving-certificate.ts'

export interface InstallRequest extends Wanted {
  readonly cluster: string
  /** As --policy names it. */
  readonly policy: string
  readonly certificates: 'self' | 'cert-manager'
  /** Path of the folder; undefined: nothing is written. */
  readonly out?: string
  /** Makes a new certificate also where the one in use has long to go. */
  readonly renew: boolean
  /** Path of the authority of the provider's certificate, where another one issues it. */
  readonly authority?: string
  /** Path of the authority of Gatekeeper's certificate. */
  readonly gatekeeperAuthority?: string
}

export interface InstallResult {
  readonly exitCode: typeof EXIT.ok
  readonly cluster: string
  readonly namespace: string
  /** `certificates`: what cert-manager makes has to be there first; then it is run again. */
  readonly step: 'certificates' | 'all'
  /** Namespaces that will not be looked into. */
  readonly exempt: readonly string[]
  readonly objects: readonly {readonly file: string; readonly kind: string; readonly name: string; readonly state: 'written' | 'unchanged' | 'printed'}[]
  /** Absolute; absent where nothing is written. */
  readonly folder?: string
  /** The file that holds the private key, and until when (ISO) its certificate is valid. */
  readonly secret?: {readonly file: string; readonly until: string; readonly made: boolean}
  /** What is to be typed, in this order. */
  readonly next: readonly string[]
  /** What is not among the objects, and why. */
  readonly notes: readonly string[]
  /** Only where nothing is written: all of it, YAML. */
  readonly text?: string
}

export interface InstallContext extends Pick<Context, 'config' | 'cwd' | 'files' | 'now' | 'project'> {
  readonly makeCertificate: MakeCertificate
}

/** @throws AppError `usage.*`, `policy.invalid`, `store.unsupported` */
export async function installAdmission(request: InstallRequest, context: InstallContext): Promise<InstallResult> {
  const {config, cwd, files} = context
  const {cluster, namespace, image, certificates, roleArn, out} = request
  checkInstallation(request, config)
  const {policy, files: policyFiles} = await policyToMount(request.policy, context)
  const folder = out === undefined ? undefined : resolve(cwd, out)
  const project = await context.project()
  const trust = await trustFor(request, folder, project, context)
  const named = request.gatekeeperAuthority
  const gatekeeperCa = named === undefined ? undefined : namedAuthorities(await files.read(resolve(cwd, named)), '--gatekeeper-ca').join('')
  const {exempt} = config.admission
  const all =
    trust === undefined
      ? firstManifests({namespace, certificates})
      : installManifests({
          cluster,
          namespace,
          image,
          certificates,
          policy,
          policyFiles,
          exempt,
          roleArn,
          gatekeeperCa,
          store: config.store,
          ports: portsOf(config),
          authorities: trust.authorities,
        })
  const plan = {...request, folder, isFirst: trust === undefined, secret: trust?.own !== undefined, redacts: config.redaction.key}
  const {next, notes} = installSteps(plan)
  const result = {exitCode: EXIT.ok, cluster, namespace, step: trust === undefined ? ('certificates' as const) : ('all' as const), exempt, next, notes}
  if (folder === undefined) return {...result, objects: all.map((file) => ({...nameOf(file), state: 'printed'})), text: yamlStream(all)}
  const write = writerInto(folder, project)
  const objects = []
  for (const file of all) objects.push({...nameOf(file), state: await write(file.name, yamlOf(file.object))})
  await write('kustomization.yaml', kustomization(all, headOf(installSteps({...plan, folder: '.'}))))
  if (trust?.own === undefined) return {...result, objects, folder}
  // A folder of its own, which git leaves alone from the start.
  await write('private/.gitignore', '*\n')
  await write('private/tls-secret.yaml', yamlOf(tlsSecret(namespace, trust.own.pair)), 0o600)
  return {...result, objects, folder, secret: {file: resolve(folder, 'private/tls-secret.yaml'), until: trust.own.until.toISOString(), made: trust.own.made}}
}

interface Trust {
  readonly authorities: readonly string[]
  /** Where it is ours to keep. */
  readonly own?: ServingCertificate
}

/** Undefined where cert-manager has yet to make it. */
async function trustFor(request: InstallRequest, folder: string | undefined, project: ProjectFiles, context: InstallContext): Promise<Trust | undefined> {
  const {authority, certificates, namespace, renew} = request
  const before = {provider: await writtenBefore(folder, 'provider.yaml', project), secret: await writtenBefore(folder, 'private/tls-secret.yaml', project)}
  if (authority !== undefined) {
    const named = namedAuthorities(await context.files.read(resolve(context.cwd, authority)), '--ca')
    return {authorities: [...new Set([...named, ...stillTrusted(before, context.now())])]}
  }
  if (certificates === 'cert-manager') {
    const known = stillTrusted(before, context.now())
    return known.length === 0 ? undefined : {authorities: known}
  }
  if (folder === undefined)
    throw new AppError('usage.flag', 'a self-made certificate has a private key, which is written into a file and never printed', {
      fix: 'Add --out DIR, or name the authority of a certificate that is there by --ca FILE.',
    })
  const own = await servingCertificate({namespace, renew, before}, context)
  return {authorities: own.authorities, own}
}

async function writtenBefore(folder: string | undefined, name: string, project: ProjectFiles): Promise<{path: string; text: string} | undefined> {
  if (folder === undefined) return undefined
  const path = resolve(folder, name)
  const bytes = await project.read(path)
  return bytes === undefined ? undefined : {path, text: Buffer.from(bytes).toString()}
}

function writerInto(folder: string, project: ProjectFiles) {
  return async (name: string, text: string, mode?: number): Promise<'written' | 'unchanged'> => {
    const [path, bytes] = [resolve(folder, name), Buffer.from(text)]
    const there = await project.read(path)
    if (there !== undefined && bytes.equals(there)) return 'unchanged'
    await project.replace(path, bytes, mode)
    return 'written'
  }
}

/** The same in every checkout: paths are those of the folder itself. */
function headOf({next, notes}: InstallSteps): string[] {
  return ['Written by `hipaa-ci admission install`. In this folder, in this order:', '', ...next, ...(notes.length === 0 ? [] : ['', ...notes])]
}

function nameOf({name, object}: ManifestFile): {file: string; kind: string; name: string} {
  return {file: name, kind: object.kind, name: object.metadata.name}
}
