/**
 * Did a request change nothing? Whoever made it wrote its address, so the address is read as an API server reads it.
 *
 * A removal takes its options from its body where there is one, and looks at no parameter then: it counts as a dry run only
 * where it is known what its body said.
 */
import {z} from 'zod'

export interface DryRunFacts {
  readonly verb: string
  /** `/api/v1/namespaces/web/pods?dryRun=All` */
  readonly uri: string
  /** What was sent; undefined where the log does not hold it. */
  readonly sent: unknown
  /** The log would hold it, if there were any. */
  readonly holdsSent: boolean
}

const Options = z.looseObject({dryRun: z.array(z.string()).nullish()})

export function isDryRun({verb, uri, sent, holdsSent}: DryRunFacts): boolean {
  if (verb === 'delete' || verb === 'deletecollection') {
    if (sent !== undefined && sent !== null) return isAll(Options.safeParse(sent).data?.dryRun ?? [])
    if (!holdsSent) return false
  }
  const at = uri.indexOf('?')
  return at !== -1 && isAll(new URLSearchParams(uri.slice(at + 1)).getAll('dryRun'))
}

/** An API server knows no other value. */
function isAll(values: readonly string[]): boolean {
  return values.length > 0 && values.every((value) => value === 'All')
}
