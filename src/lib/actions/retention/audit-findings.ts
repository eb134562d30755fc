/** What an audit finds: every one is counted, the first of them are kept to be shown. */
import {EXIT, REASONS, type ExitCode, type ReasonCode} from '../../errors.ts'

export interface AuditFinding {
  readonly code: ReasonCode
  readonly key: string
  readonly message: string
}

/** A store that was set up wrong has as many findings as versions. */
const KEPT = 1_000

export class AuditFindings {
  readonly first: AuditFinding[] = []
  readonly #counts = new Map<ReasonCode, number>()

  add(code: ReasonCode, key: string, message: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1)
    if (this.first.length < KEPT) this.first.push({code, key, message})
  }

  /** In the order in which they were first met. */
  get counts(): {readonly code: ReasonCode; readonly count: number}[] {
    return [...this.#counts].map(([code, count]) => ({code, count}))
  }

  /** What was tampered with or hidden comes before a weak setting, that before what could not be seen, and what is missing last. */
  exitCode(isUnseen: boolean): ExitCode {
    const exits = [...this.#counts.keys()].map((code) => REASONS[code].exit)
    if (exits.includes(EXIT.evidence)) return EXIT.evidence
    if (exits.some((exit) => exit !== EXIT.missing)) return EXIT.failed
    if (isUnseen) return EXIT.unreachable
    return exits.length > 0 ? EXIT.missing : EXIT.ok
  }
}
