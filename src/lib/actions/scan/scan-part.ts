/**
 * Scans one platform of an image, or a folder: Trivy looks, Syft describes, and what only Syft saw is a gap.
 */
import type {ScanKind} from '../../evidence/details.ts'
import type {Finding} from '../../evidence/finding.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {coverage, type Coverage} from '../../sbom/coverage.ts'
import type {Sbom} from '../../sbom/spdx.ts'
import type {TrivyReport} from '../../tools/trivy-report.ts'
import {trivy, type TrivyScanner, type TrivySource} from '../../tools/trivy.ts'
import type {Context} from '../../ports/context.ts'
import type {AdvisoryDatabase} from '../../ports/scanners.ts'
import {describeLaidOut, type Described} from './build-sbom.ts'
import type {LaidOut, Part} from './open-parts.ts'
import {attempt, gapsOf, type Attempt, type Gap, type ScanProblem} from './scan-problem.ts'

export interface PartSettings {
  readonly name: string
  readonly database: AdvisoryDatabase
  /** Milliseconds for one run of one tool. */
  readonly timeout?: number | undefined
  /** Instead of a run of Syft. */
  readonly sbom?: Sbom | undefined
}

export interface PartScan {
  readonly part: Part
  /** Each names the platform. */
  readonly findings: readonly Finding[]
  readonly gaps: readonly Gap[]
  readonly os?: TrivyReport['os']
  /** Packages that the SBOM lists; undefined where there is no SBOM. */
  readonly packages: number | undefined
  readonly uncovered: Coverage['uncovered']
  /** Package URL types of what either tool saw. */
  readonly types: ReadonlySet<string>
  /** Kinds that a tool answered about, if not about all of it. */
  readonly looked: readonly ScanKind[]
  /** Advisories were looked up. */
  readonly lookedUp: boolean
  /** Syft's document, where it ran. */
  readonly described: Described | undefined
  readonly tools: readonly ToolRecord[]
  /** Trivy's reports as they were written. */
  readonly reports: readonly Uint8Array[]
  readonly problems: readonly ScanProblem[]
  readonly warnings: readonly string[]
}

interface Look {
  readonly report: TrivyReport
  readonly tool: ToolRecord
}

const ALL: readonly TrivyScanner[] = ['vuln', 'secret', 'misconfig']
const REST: readonly TrivyScanner[] = ['secret', 'misconfig']
const KINDS: Readonly<Record<TrivyScanner, ScanKind>> = {vuln: 'vulnerability', secret: 'secret', misconfig: 'misconfiguration'}

export async function scanPart(part: Part, settings: PartSettings, context: Context): Promise<PartScan> {
  return part.use(async (laid) => {
    const [seen, described] = await Promise.all([
      look(laid, settings, context),
      settings.sbom === undefined ? attempt('syft', async () => describeLaidOut(part, laid, settings, context)) : undefined,
    ])
    const sbom = settings.sbom ?? described?.answer?.sbom
    const reports = seen.looks.map(({report}) => report)
    const packages = reports.flatMap((report) => report.packages)
    const compared = sbom === undefined || !seen.lookedUp ? NOTHING_COMPARED : coverage(sbom.packages, packages)
    const os = reports.find((report) => report.os !== undefined)?.os
    return {
      part,
      findings: reports.flatMap(({findings}) => findings).map((finding) => (part.digest === undefined ? finding : {...finding, platform: part.digest})),
      gaps: [
        ...seen.gaps,
        ...gapsOf(described?.problem, ['vulnerability']),
        ...reports.flatMap(({unscanned}) => unscanned),
        ...laid.unscanned.flatMap((item) => Object.values(KINDS).map((kind) => ({...item, kind}))),
        ...compared.unscanned.map((item) => ({...item, kind: 'vulnerability' as const})),
        ...(os?.endOfLife === true ? [{kind: 'vulnerability' as const, what: `${os.family} ${os.version}`, reason: 'trivy.end-of-life'}] : []),
      ],
      ...(os !== undefined && {os}),
      packages: sbom?.packages.length,
      uncovered: compared.uncovered,
      types: new Set([...packages, ...(sbom?.packages ?? [])].map(({type}) => type)),
      looked: seen.looked,
      lookedUp: seen.lookedUp,
      described: described?.answer,
      tools: [...seen.looks.slice(0, 1).map(({tool}) => tool), ...(described?.answer === undefined ? [] : [described.answer.tool])],
      reports: reports.map(({raw}) => raw),
      problems: [...seen.problems, ...(described?.problem === undefined ? [] : [described.problem])],
      warnings: [...reports.flatMap(({warnings}) => warnings), ...(sbom?.packages.length === 0 && packages.length === 0 ? [NOTHING_SEEN] : [])],
    }
  })
}

const NOTHING_SEEN = 'neither tool found a package: there was nothing to look up advisories for'
const NOTHING_COMPARED: Coverage = {unscanned: [], uncovered: []}

interface Seen {
  readonly looks: readonly Look[]
  readonly looked: readonly ScanKind[]
  /** Advisories were looked up for all packages that were seen. */
  readonly lookedUp: boolean
  readonly gaps: readonly Gap[]
  readonly problems: readonly ScanProblem[]
}

/** Where looking up advisories fails, secrets and misconfigurations are looked for all the same: a definite failure is not lost. */
async function look(laid: LaidOut, settings: PartSettings, context: Context): Promise<Seen> {
  const known = settings.database.vulnerabilities !== undefined
  const first = known ? await lookWith(ALL, laid, settings, context) : undefined
  if (first?.answer !== undefined) return {looks: first.answer, looked: kindsOf(ALL), lookedUp: true, gaps: [], problems: []}
  const lost = gapsOf(first?.problem, ['vulnerability'])
  const rest = await lookWith(REST, laid, settings, context)
  const problems = [first?.problem, rest.problem].filter((problem) => problem !== undefined)
  return {
    looks: rest.answer ?? [],
    looked: rest.answer === undefined ? [] : kindsOf(REST),
    lookedUp: false,
    gaps: [...lost, ...gapsOf(rest.problem, kindsOf(REST))],
    problems,
  }
}

function kindsOf(scanners: readonly TrivyScanner[]): ScanKind[] {
  return scanners.map((scanner) => KINDS[scanner])
}

async function lookWith(scanners: readonly TrivyScanner[], laid: LaidOut, {database, timeout}: PartSettings, {runTool}: Context): Promise<Attempt<Look[]>> {
  const spec = timeout === undefined ? trivy : {...trivy, timeout}
  return attempt('trivy', async () => {
    const looks: Look[] = []
    for (const {source, only} of sourcesOf(laid)) {
      const asked = scanners.filter((scanner) => only === undefined || scanner === only)
      if (asked.length === 0) continue
      // oxlint-disable-next-line no-await-in-loop -- the second look needs the memory of the first
      const {value, tool} = await runTool(spec, {source, scanners: asked, cache: database.folder})
      looks.push({report: value, tool})
    }
    return looks
  })
}

/** A folder is looked at twice: as source it has lock files, as an installation it has packages and archives. */
function sourcesOf({kind, path}: LaidOut): readonly {readonly source: TrivySource; readonly only?: TrivyScanner}[] {
  if (kind !== 'folder') return [{source: {kind, path}}]
  return [{source: {kind, path, as: 'source'}}, {source: {kind, path, as: 'installed'}, only: 'vuln'}]
}
