/** Host names of Amazon's private registries (Amazon ECR user guide, registry endpoints). */
export interface EcrHost {
  readonly host: string
  readonly region: string
  readonly fips: boolean
  /** Reached over IPv6 too. */
  readonly dualStack: boolean
}

const IPV4 = /^\d{12}\.dkr\.ecr(?<fips>-fips)?\.(?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/
const DUAL_STACK = /^\d{12}\.dkr-ecr(?<fips>[-.]fips)?\.(?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.on\.aws$/

/** Undefined where it is any other registry: the whole name counts, or somebody else's host would get a login. */
export function parseEcrHost(host: string): EcrHost | undefined {
  const ipv4 = IPV4.exec(host)
  const found = ipv4 ?? DUAL_STACK.exec(host)
  const region = found?.groups?.['region']
  return region === undefined ? undefined : {host, region, fips: found?.groups?.['fips'] !== undefined, dualStack: ipv4 === null}
}
