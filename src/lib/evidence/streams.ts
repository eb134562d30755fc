/** The streams of evidence: one prefix each in a store, so that a policy can say who may write which. */
export const STREAMS = [
  'run',
  'sbom',
  'scan',
  'gate',
  'signature',
  'attestation',
  'verification',
  'approval',
  'promotion',
  'revocation',
  'key',
  'hold',
  'store-audit',
  'delivery',
  'admission',
  'enforcement',
  'canary',
  'break-glass',
  'reconciliation',
  'deployment',
  'test',
  'query',
  'custom',
] as const

export type Stream = (typeof STREAMS)[number]

export function isStream(name: unknown): name is Stream {
  return STREAMS.some((stream) => stream === name)
}
