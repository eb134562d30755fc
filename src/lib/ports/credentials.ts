/** Who we are to a registry. Types only. */
import type {AppError} from '../errors.ts'

/** A password for Basic, or for a token; or the refresh token that `docker login` leaves where a registry gives one. */
export type Credentials =
  {readonly kind: 'password'; readonly username: string; readonly password: string} | {readonly kind: 'identity-token'; readonly token: string}

export interface FoundCredentials {
  readonly credentials?: Credentials
  /** Why there are none. */
  readonly hint?: string
  /** Milliseconds since 1970 after which they have to be asked for again. */
  readonly until?: number
}

/** That a login was asked for anew before it ended. */
export interface LoginRenewal {
  readonly host: string
  /** Why there is none; the old one goes on as long as it lasts. */
  readonly fault?: AppError
}

/** Asks for those whose end comes near. Never rejects. */
export type RenewLogins = () => Promise<readonly LoginRenewal[]>

/**
 * Asks a credential helper (`docker-credential-<helper> get`).
 * @param server as Docker names it: the host, or `https://index.docker.io/v1/`
 * @returns undefined where the helper works and has none
 * @throws AppError `registry.refused`, `tool.untrusted`; never with what the helper printed
 */
export type AskCredentialHelper = (helper: string, server: string) => Promise<Credentials | undefined>
