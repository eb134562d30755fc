/**
 * Docker's credential helpers: `docker-credential-<name> get`, the server on standard input, JSON on standard output.
 *
 * Rules: found as tools are, so none inside the working folder. What cannot be started, fails, takes too long or prints
 * something else is an error: whoever configured a login does not mean to come in without. Nothing that it prints is
 * passed on, because it may hold the secret.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {AskCredentialHelper, Credentials} from '../ports/credentials.ts'
import {run as runProcess, type Run, type RunResult} from '../process.ts'
import {candidates, type Place} from './candidates.ts'

/** Milliseconds. A helper may wait for a person to unlock a keychain, but not for long. */
const TIMEOUT = 10_000
const MAX_OUTPUT = 64 * 1024
const NAME = /^[a-z0-9_-]+$/i
/** The words that every helper uses for it. */
const NONE = 'credentials not found in native keychain'
/** Instead of a user's name: the secret is an identity token. */
const TOKEN_USER = '<token>'

/** A colon would end the name early in a Basic header. */
const Answer = z.looseObject({Username: z.string().regex(/^[^:\0\r\n]+$/), Secret: z.string().min(1)})

/** What helpers find their own keychains and cloud roles by, beyond what every child process gets. */
const OWN = /^(?:AWS_|AZURE_|CLOUDSDK_|GOOGLE_|GNUPGHOME$|PASSWORD_STORE_|DBUS_SESSION_BUS_ADDRESS$|DISPLAY$|WAYLAND_DISPLAY$|XDG_SESSION_)/

export function createAskCredentialHelper({cwd, env}: Place, run: Run = runProcess): AskCredentialHelper {
  return async (helper, server) => {
    const program = await locateHelper(helper, server, {cwd, env})
    const own = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (OWN.test(name) && value !== undefined ? [[name, value]] : [])))
    const result = await run([program, 'get'], {cwd, source: env, env: own, input: Buffer.from(server), timeout: TIMEOUT, maxOutput: MAX_OUTPUT})
    if (result.kind !== 'exited') throw refused(helper, server, HOW_IT_ENDED[result.kind])
    if (result.exitCode !== 0) {
      if (result.stdout.trim() === NONE) return undefined
      throw refused(helper, server, `ended with exit code ${result.exitCode}`)
    }
    return read(result.stdout, helper, server)
  }
}

const HOW_IT_ENDED: Record<Exclude<RunResult['kind'], 'exited'>, string> = {
  killed: 'was killed',
  'timed-out': `did not answer for ${TIMEOUT / 1000} s`,
  'too-much-output': 'printed more than a login',
  aborted: 'was interrupted',
  'not-found': 'is not there any more',
  'spawn-failed': 'could not be started',
}

async function locateHelper(helper: string, server: string, place: Place): Promise<string> {
  if (!NAME.test(helper))
    throw new AppError(
      'registry.refused',
      `${JSON.stringify(helper.slice(0, 80))}, which Docker's config.json names for ${server}, is not the name of a credential helper`,
    )
  const [candidate] = await candidates(`docker-credential-${helper}`, place)
  if (candidate === undefined) throw refused(helper, server, 'is not on PATH', `Install docker-credential-${helper}, or log in without it.`)
  if (candidate.untrusted) {
    const message = `docker-credential-${helper} at ${candidate.path} lies inside the working folder, where a change under test could have put it`
    throw new AppError('tool.untrusted', message, {fix: 'Take that folder off PATH, or install the helper elsewhere.'})
  }
  return candidate.real
}

function read(text: string, helper: string, server: string): Credentials {
  const answer = Answer.safeParse(parseJson(text))
  if (!answer.success) throw refused(helper, server, 'printed something else than a login')
  const {Username: username, Secret: secret} = answer.data
  return username === TOKEN_USER ? {kind: 'identity-token', token: secret} : {kind: 'password', username, password: secret}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(helper: string, server: string, how: string, fix = `See what it says: echo ${server} | docker-credential-${helper} get`): AppError {
  return new AppError('registry.refused', `${server} needs the credential helper docker-credential-${helper}, which ${how}`, {fix})
}
