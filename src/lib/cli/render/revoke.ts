import chalk from 'chalk'
import type {PublishResult} from '../../actions/revoke/publish-revocations.ts'
import type {RevokeResult} from '../../actions/revoke/revoke-image.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable} from './printable.ts'

export function renderRevoke(result: RevokeResult): string {
  const {repository, digest, reason, since, changed, record} = result
  return [
    `${MARKS.verified} ${wordsOf(result)}`,
    ...(repository === undefined ? [`  ${digest}`] : imageLines(repository, digest)),
    ...(reason === undefined ? [] : [`  reason   ${reason}, since ${since.slice(0, 19)}Z`]),
    ...(record === undefined ? [] : [`  record   ${record}`]),
    ...(changed ? [`  ${chalk.cyan('→')} hipaa-ci revocations publish --out revocations.json`] : []),
  ].join('\n')
}

function wordsOf({action, changed}: RevokeResult): string {
  if (action === 'revoke') return changed ? 'revoked, from the next published list on' : 'was revoked so already; nothing changed'
  return changed ? 'reinstated, from the next published list on' : 'is not revoked; nothing changed'
}

export function renderPublish({revoked, issuedAt, list, signer, record, out}: PublishResult & {readonly out: string}): string {
  return [
    `${MARKS.verified} ${revoked.length} ${revoked.length === 1 ? 'image is' : 'images are'} revoked`,
    `  written  ${printable(out)}`,
    `  issued   ${issuedAt.slice(0, 19)}Z`,
    `  list     ${shortDigest(list)}`,
    `  key      ${'spki' in signer ? shortDigest(signer.spki) : printable(signer.identity)}`,
    `  record   ${record ?? chalk.yellow('not recorded')}`,
  ].join('\n')
}
