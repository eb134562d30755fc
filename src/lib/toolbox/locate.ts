/** Finds the binary of a tool in an allowed version, or says why there is none. */
import {AppError} from '../errors.ts'
import type {ToolName} from '../ports/tools.ts'
import type {Run} from '../process.ts'
import {TOOL_PINS, judgeVersion} from '../tools/versions.ts'
import {candidates, type Candidate, type Place} from './candidates.ts'
import {identify} from './identity.ts'

export interface LocatedTool {
  readonly name: ToolName
  readonly from: 'path' | 'cache'
  /** Where it was found. */
  readonly path: string
  /** Where that leads: what is run. */
  readonly real: string
  readonly version: string
  readonly sha256: string
}

export type Locate = (tool: ToolName) => Promise<LocatedTool>

/**
 * The first candidate in an allowed version; those in another are passed over. An untrusted one in front of it stops the
 * search: somebody meant it to be used.
 * @throws AppError `tool.missing`, `tool.version`, `tool.untrusted`
 */
export function createLocate(place: Place, run: Run): Locate {
  return async (name) => {
    const pin = TOOL_PINS[name]
    const passedOver: string[] = []
    for (const candidate of await candidates(name, place)) {
      if (candidate.untrusted)
        throw new AppError('tool.untrusted', `${name} at ${candidate.path} lies inside the working folder, where a change under test could have put it`, {
          fix: 'Take that folder off PATH, or install the tool elsewhere.',
        })
      const {version, sha256} = await identify(candidate.real, pin, {env: place.env, run, expected: candidate.sha256})
      const fault = faultOf(candidate, version, sha256)
      if (fault === undefined && version !== undefined) return {name, from: candidate.from, path: candidate.path, real: candidate.real, version, sha256}
      passedOver.push(`${candidate.path} ${fault ?? 'does not say its version'}`)
    }
    const fix = `${pin.manual}; in a checkout of hipaa-ci: npm run setup`
    if (passedOver.length === 0) throw new AppError('tool.missing', `${name} was not found, neither on PATH nor in the cache folder`, {fix})
    throw new AppError('tool.version', `no ${name} in an allowed version (${pin.range}): ${passedOver.join('; ')}`, {fix})

    function faultOf({sha256: built}: Candidate, version: string | undefined, sha256: string): string | undefined {
      if (built !== undefined && built !== sha256) return 'is not the file that set-up built'
      if (version === undefined) return 'does not say its version'
      const verdict = judgeVersion(pin, version)
      if (verdict.kind === 'refused') return `is ${version}, which is refused: ${verdict.reason}`
      return verdict.kind === 'outside' ? `is ${version}` : undefined
    }
  }
}
