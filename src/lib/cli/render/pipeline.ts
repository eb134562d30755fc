/** The road as a list of steps; a step that was not reached says so. */
import chalk from 'chalk'
import type {AttestResult} from '../../actions/sign/attest-image.ts'
import type {EndRunResult} from '../../actions/evidence/end-run.ts'
import type {PipelineResult} from '../../actions/run-pipeline.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'
import {quantity} from './quantity.ts'
import {renderScanBody, scanHeadline} from './scan.ts'
import {verdictBody, verdictLine} from './verify/table.ts'

export function renderPipeline(result: PipelineResult): string {
  const {sbom, scan, sign, attest, verify, run} = result
  return [
    chalk.bold('pipeline'),
    ...imageLines(result.repository, result.digest),
    `${MARKS.verified} sbom    ${quantity(sbom.packages, 'package')}${sbom.platforms.length > 1 ? ` over ${sbom.platforms.length} platforms` : ''}`,
    scanHeadline(scan, 'gate    '),
    ...renderScanBody(scan).split('\n'),
    sign === undefined ? notReached('sign') : `${MARKS.verified} sign    ${sign.signed ? 'signed' : 'signed before'} by key ${shortDigest(sign.signer.spki)}`,
    attest === undefined ? notReached('attest') : `${MARKS.verified} attest  ${[...new Set(attest.attestations.map(attestation))].join(', ')}`,
    ...(verify === undefined ? [notReached('verify')] : [verdictLine(verify, 'verify  '), verdictBody(verify)]),
    ...(run === undefined ? [] : [runLine(run)]),
  ].join('\n')
}

function notReached(step: string): string {
  return `${MARKS['not-checked']} ${step.padEnd(6)}  ${chalk.dim('not reached: the gate did not pass')}`
}

function attestation({type, attached}: AttestResult['attestations'][number]): string {
  return attached ? type : `${type} (before)`
}

function runLine({runid, jobs, gaps, stoppedBy}: EndRunResult): string {
  const records = jobs.reduce((sum, {count}) => sum + count, 0)
  const whole = stoppedBy === undefined ? 'complete' : 'stopped by the gate'
  return chalk.dim(
    `  run ${runid}: ${quantity(records, 'record')}, ${gaps.length === 0 ? whole : `and these never came: ${gaps.map(({name}) => name).join(', ')}`}`,
  )
}
