/** What a pod of ours may do on its node: as little as the strictest level of pod security asks for. */

/** Of the usual distroless images. */
const NOBODY = 65_532

export const POD_SAFETY = {
  runAsNonRoot: true,
  runAsUser: NOBODY,
  runAsGroup: NOBODY,
  fsGroup: NOBODY,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: {type: 'RuntimeDefault'},
}

export const CONTAINER_SAFETY = {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: {drop: ['ALL']}}
