/** The road as a list of steps; a step that was not reached says so. */
import chalk from 'chalk'
import type {PipelineResult} from '../../actions/run-pipeline.ts'
import {MARKS, shortDigest} from './marks.ts'
import {renderScan} from './scan.ts'
import {renderVerify} from './verify.ts'

export function renderPipeline(result: PipelineResult): string {
  const {sbom, scan, sign, attest, verify, run} = result
  const stopped = chalk.dim('not reached: the gate did not pass')
  return [
    chalk.bold(`${result.repository}@${result.digest}`),
    `${MARKS.verified} sbom    ${sbom.packages} packages${sbom.platforms.length > 1 ? ` over ${sbom.platforms.length} platforms` : ''}`,
    ...renderScan(scan).split('\n'),
    sign === undefined
      ? `${MARKS['not-checked']} sign    ${stopped}`
      : `${MARKS.verified} sign    ${sign.signed ? 'signed' : 'signed before'} by key ${shortDigest(sign.signer.spki)}`,
    attest === undefined
      ? `${MARKS['not-checked']} attest  ${stopped}`
      : `${MARKS.verified} attest  ${attest.attestations.map(({type, attached}) => (attached ? type : `${type} (before)`)).join(', ')}`,
    ...(verify === undefined ? [`${MARKS['not-checked']} verify  ${stopped}`] : renderVerify(verify).split('\n')),
    ...(run === undefined
      ? []
      : [
          chalk.dim(
            `  run ${run.runid}: ${run.jobs.reduce((sum, {count}) => sum + count, 0)} records${run.gaps.length === 0 ? (run.stoppedBy === undefined ? ', complete' : ', stopped by the gate') : `; never came: ${run.gaps.map(({name}) => name).join(', ')}`}`,
          ),
        ]),
  ].join('\n')
}
