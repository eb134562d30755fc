/**
 * Looks at the files of the certificates again and again, by their content: a cluster replaces a link to the folder above them,
 * which no watch of a file sees.
 */
import type {CertificateState} from '../ports/admission-server.ts'
import {readCertificates, type CertificateFiles, type ServerCertificates} from './read-certificates.ts'

export interface CertificateWatch {
  /** What is used now. */
  readonly current: () => ServerCertificates
  readonly stop: () => void
}

export interface CertificateListener {
  /** Puts new ones into use. */
  readonly use: (certificates: ServerCertificates, before: ServerCertificates) => void
  /** Told of each change once, also of one that cannot be used. */
  readonly tell: (state: CertificateState) => void
}

/** @param every milliseconds */
export function watchCertificates(files: CertificateFiles, first: ServerCertificates, {use, tell}: CertificateListener, every: number): CertificateWatch {
  let current = first
  let kept: string | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const look = async () => {
    const found = await lookAt(files)
    if (stopped) return
    const why = typeof found === 'string' ? found : undefined
    const isNew = typeof found !== 'string' && contentOf(found) !== contentOf(current)
    if (typeof found !== 'string' && isNew) {
      use(found, current)
      current = found
    }
    if (isNew || why !== kept) tell(stateOf(current, why))
    kept = why
  }
  const next = () => {
    timer = setTimeout(() => void look().finally(() => stopped || next()), every).unref()
  }

  tell(stateOf(current))
  next()
  return {
    current: () => current,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

async function lookAt(files: CertificateFiles): Promise<ServerCertificates | string> {
  try {
    return await readCertificates(files)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function contentOf({cert, key, ca}: ServerCertificates): string {
  return JSON.stringify([cert, key, ca])
}

function stateOf({expires, clientCaExpires}: ServerCertificates, kept?: string): CertificateState {
  return {expires, clientCaExpires, ...(kept === undefined ? {} : {kept})}
}
