import chalk from 'chalk'
import type {BreakGlassResult} from '../../actions/break-glass/break-glass.ts'
import type {BrokenGlass} from '../../actions/break-glass/glass-book.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable, wrap} from './printable.ts'

type Of<W extends BreakGlassResult['what']> = Extract<BreakGlassResult, {what: W}>

/** @param width characters a line */
export function renderBreakGlass(result: BreakGlassResult, width = 100): string {
  switch (result.what) {
    case 'exemption':
      return exemptionText(result)
    case 'provider-down':
      return downText(result, width)
    case 'review':
      return reviewText(result)
    case 'list':
      return listText(result)
  }
}

function exemptionText({repository, digest, cluster, namespace, from, expires, person, incident, reason, attached, record}: Of<'exemption'>): string {
  return [
    `${MARKS.verified} ${attached ? 'exempted' : 'was exempted so already; nothing changed'}`,
    ...imageLines(repository, digest),
    `  where    ${printable(namespace)} on ${printable(cluster)}, nowhere else`,
    `  when     ${from} until ${expires}`,
    `  by       ${printable(person)}, ${incident} (${reason})`,
    `  record   ${record ?? chalk.yellow('not recorded')}`,
    `  ${chalk.cyan('→')} Another person reviews it: hipaa-ci admission break-glass --review ${record ?? 'RECORD'} --by PERSON`,
  ].join('\n')
}

const WARNING =
  'From this step on the cluster verifies no image, and nothing that starts is recorded, until it is undone. It takes an administrator of the cluster. What keeps the manifests in place (GitOps) may undo it by itself; stop it first. Afterwards hold what runs against the evidence: hipaa-ci admission reconcile'

function downText({cluster, from, expires, step, undo, record, unrecorded}: Of<'provider-down'>, width: number): string {
  const noted = [
    `  window   ${from} until ${expires}`,
    `  record   ${record ?? chalk.yellow(`not recorded: ${printable(unrecorded?.why ?? '')}`)}`,
    ...(unrecorded === undefined ? [] : ['  Record it afterwards:', `    ${unrecorded.fix}`]),
  ]
  if (step === undefined || undo === undefined)
    return [`${MARKS.verified} recorded that the provider of ${printable(cluster)} was out of the way`, ...noted].join('\n')
  return [
    `${MARKS.failed} ${chalk.bold(`takes our webhook on ${printable(cluster)} out of the way, and nothing else:`)}`,
    `    ${step}`,
    '  and brings it back:',
    `    ${undo}`,
    ...wrap(WARNING, width - 2).map((line) => `  ${chalk.yellow(line)}`),
    ...noted,
  ].join('\n')
}

function reviewText({glass, by, of, changed, record}: Of<'review'>): string {
  return [
    `${MARKS.verified} ${changed ? 'reviewed' : 'was reviewed so already; nothing changed'}: ${glass.kind} of ${glass.incident}`,
    `  broken   ${printable(of.join(', '))}`,
    `  reviewed ${printable(by)}`,
    `  record   ${record ?? chalk.yellow('not recorded')}`,
  ].join('\n')
}

function listText({glass, overdue, store}: Of<'list'>): string {
  const open = glass.filter(({openSince}) => openSince !== undefined)
  const head =
    glass.length === 0
      ? 'no glass was broken'
      : `${glass.length === 1 ? 'one broken glass' : `${glass.length} broken glasses`}, ${open.length} to be reviewed${overdue.length === 0 ? '' : `, ${overdue.length} for more than a day`}`
  return [
    `${overdue.length > 0 ? MARKS.failed : MARKS.verified} ${head}`,
    ...glass.flatMap((one) => ['', ...glassLines(one)]),
    '',
    chalk.dim(printable(store)),
  ].join('\n')
}

/** What is to be typed, the id, stays on one line. */
function glassLines({record, kind, digest, cluster, namespace, incident, reason, expires, uses, openSince, reviewed, opened}: BrokenGlass): string[] {
  const what = digest === undefined ? 'the provider was taken out of the way' : `exemption of ${shortDigest(digest)}`
  const where = namespace === undefined ? printable(cluster) : `${printable(namespace)} on ${printable(cluster)}`
  const used = kind === 'exemption' ? `, used ${uses === 1 ? 'once' : `${uses} times`}` : ''
  return [
    `${openSince === undefined ? MARKS.verified : MARKS.missing} ${record}  ${openSince === undefined ? `reviewed by ${printable(reviewed?.by ?? '')}` : `to be reviewed since ${openSince.slice(0, 16)}Z`}`,
    `  ${what}, ${where}, until ${expires.slice(0, 19)}Z${used}`,
    `  ${incident} (${reason})${opened ? '' : '; only its use is recorded, not that it was opened'}`,
  ]
}
