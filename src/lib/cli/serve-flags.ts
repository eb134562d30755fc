/** The flags of `admission serve`, and the request that they make. */
import {hostname} from 'node:os'
import {Flags, type Interfaces} from '@oclif/core'
import type {ServeRequest} from '../actions/admission/serve-admission.ts'
import {AppError} from '../errors.ts'

const MEGABYTE = 1024 * 1024
const MINUTE = 60_000

export const SERVE_FLAGS = {
  cluster: Flags.string({description: 'the cluster that asks, as environments.*.match names it', required: true, helpValue: 'NAME'}),
  policy: Flags.string({description: 'the environments and images rules; never looked for', required: true, helpValue: 'FILE|URL[@sha256:…]'}),
  config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
  replica: Flags.string({description: 'what tells this server from others of the cluster (default: the name of the host)', helpValue: 'NAME'}),
  listen: Flags.string({description: 'where it answers the cluster', default: '0.0.0.0:8443', helpValue: 'HOST:PORT'}),
  observe: Flags.string({description: 'where it answers probes and collectors, without TLS', default: '0.0.0.0:8080', helpValue: 'HOST:PORT'}),
  'tls-cert': Flags.string({description: 'its certificate, PEM', required: true, helpValue: 'FILE'}),
  'tls-key': Flags.string({description: 'the key of that, PEM', required: true, helpValue: 'FILE'}),
  'client-ca': Flags.string({description: "the authority of who may ask: Gatekeeper's ca.crt", required: true, helpValue: 'FILE'}),
  'client-name': Flags.string({
    description: 'names of certificates that may ask',
    default: ['gatekeeper-webhook-service.gatekeeper-system.svc'],
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
  }),
  'client-spki': Flags.string({
    description: 'SHA-256 of public keys that may ask, where not every certificate of that name may',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'HEX',
  }),
  wal: Flags.string({description: 'folder of the write-ahead log, on a volume of its own', helpValue: 'DIR', exclusive: ['wal-sync']}),
  'wal-sync': Flags.option({options: ['store'] as const, description: 'no log: each record is in the store before the reply'})(),
  'wal-megabytes': Flags.integer({description: 'how much may wait in the log', helpValue: 'N', default: 256, min: 1, max: 65_536}),
  'wal-minutes': Flags.integer({description: 'how long the oldest of it may', helpValue: 'N', default: 60, min: 1, max: 1_440}),
}

/** @throws AppError `usage.flag` */
export function serveRequest(flags: Interfaces.InferredFlags<typeof SERVE_FLAGS>): Omit<ServeRequest, 'readConfig'> {
  const {wal, cluster} = flags
  if ((wal === undefined) === (flags['wal-sync'] === undefined))
    throw new AppError('usage.flag', 'it is not said where answers wait', {fix: 'Add --wal DIR, or --wal-sync store.'})
  return {
    cluster,
    replica: flags.replica ?? hostname(),
    server: {
      listen: flags.listen,
      observe: flags.observe,
      certificate: flags['tls-cert'],
      key: flags['tls-key'],
      clientCa: flags['client-ca'],
      clientNames: flags['client-name'],
      ...(flags['client-spki'] !== undefined && {clientSpki: flags['client-spki']}),
    },
    ...(wal !== undefined && {log: {folder: wal, bounds: {bytes: flags['wal-megabytes'] * MEGABYTE, age: flags['wal-minutes'] * MINUTE}}}),
  }
}
