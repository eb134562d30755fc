/**
 * Gatekeeper's side of a provider, with everything behind it in memory.
 *
 * Promise: time stands still until a test moves `clock`; what waits for time to pass waits until `pass` is called; the
 * configuration, the files beside it and the images are a test's to change at any time.
 */
import {createAnswerer, type AnswererOptions, type AnsweredKey} from '../../../../src/lib/actions/admission/answer-keys.ts'
import {holdGround, type GroundHolder, type GroundOptions} from '../../../../src/lib/actions/admission/hold-ground.ts'
import type {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {ImageStore} from '../../../../src/lib/ports/images.ts'
import type {Recorder} from '../../../../src/lib/ports/evidence-store.ts'
import type {Wait} from '../../../../src/lib/ports/wait.ts'
import {NOW, verdictContext} from '../../../fakes/verdict-context.ts'
import {admissions, other, production, signer} from './admission-world.ts'

export const MINUTE = 60_000
export const CLUSTER = 'prod-east'

export interface AnswerWorldInput extends Partial<Pick<AnswererOptions, 'maxVerdicts'>>, Partial<Pick<GroundOptions, 'maxAge'>> {
  readonly policy?: Readonly<Record<string, unknown>>
  readonly images?: Readonly<Record<string, ImageStore>>
  /** Wraps the recorder. */
  readonly recording?: (recorder: Recorder) => Recorder
}

/** What Gatekeeper hands to the constraint. */
export interface Reply {
  readonly systemError?: string
  readonly items?: readonly {readonly key: string; readonly value: {allowed: boolean; admit: boolean; records: string[]; message: string}}[]
}

export interface AnswerWorld {
  readonly clock: {at: number}
  /** Beside the policy, by name, and what addresses answer; undefined: it cannot be read. */
  readonly files: Map<string, Uint8Array | undefined>
  /** By repository. */
  readonly images: Map<string, ImageStore>
  readonly answered: AnsweredKey[]
  /** Addresses, each time. */
  readonly fetched: readonly string[]
  readonly notes: readonly string[]
  readonly ground: GroundHolder
  readonly kept: () => {readonly verdicts: number; readonly answers: number}
  /** The configuration as it stands from now on; or what reading it throws. */
  configure(policy: Readonly<Record<string, unknown>> | AppError): void
  raw(body: string): Promise<Reply>
  ask(...keys: string[]): Promise<Reply>
  /** Lets all that waits for at most so long go on. */
  pass(milliseconds: number): Promise<void>
  records(): Promise<RecordOf<'admission'>[]>
}

export async function answerWorld({
  policy = {},
  images = {},
  recording = (recorder) => recorder,
  maxAge,
  ...more
}: AnswerWorldInput = {}): Promise<AnswerWorld> {
  const clock = {at: NOW.getTime()}
  const files = new Map<string, Uint8Array | undefined>()
  const stores = new Map(Object.entries(images))
  const base = verdictContext({images: {}, keys: [signer, other]})
  const answered: AnsweredKey[] = []
  const fetched: string[] = []
  const waits: {milliseconds: number; end: () => void}[] = []
  const wait: Wait = async (milliseconds, signal) => {
    const {promise, resolve} = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    waits.push({milliseconds, end: resolve})
    return promise
  }
  const configOf = (given: Readonly<Record<string, unknown>>): Config => verdictContext({policy: {environments: {production}, ...given}, images: {}}).config
  let config: Config | AppError = configOf(policy)
  const context = {
    ...base,
    now: () => new Date(clock.at),
    files: {
      exists: async (path: string) => files.has(nameOf(path)) || base.files.exists(path),
      async read(path: string) {
        const bytes = files.get(nameOf(path))
        if (bytes !== undefined) return bytes
        if (files.has(nameOf(path))) throw new AppError('usage.input', `cannot read ${path}`)
        return base.files.read(path)
      },
    },
    fetchDocument: async (address: string) => {
      fetched.push(address)
      const bytes = files.get(address)
      return bytes === undefined ? ({kind: 'unreachable', why: 'did not answer'} as const) : ({kind: 'read', bytes} as const)
    },
    images: async (target: Parameters<typeof base.images>[0]) => {
      const store = stores.get(target.kind === 'layout' ? target.path : target.repository)
      if (store === undefined) throw new AppError('registry.unreachable', `nothing answers for ${target.text}`)
      return store
    },
  }
  const readConfig = async () => {
    if (config instanceof AppError) throw config
    return config
  }
  const ground = holdGround({cluster: CLUSTER, readConfig, wait, ...(maxAge !== undefined && {maxAge})}, context)
  await ground.refresh()
  const recorder = recording(await context.recorder())
  const answerer = createAnswerer({cluster: CLUSTER, ground, recorder, wait, ...more, onAnswer: (one) => void answered.push(one)}, context)
  const raw = async (body: string): Promise<Reply> =>
    (JSON.parse(Buffer.from(await answerer.answer(Buffer.from(body))).toString()) as {response: Reply}).response
  return {
    clock,
    files,
    images: stores,
    answered,
    fetched,
    notes: base.notes,
    ground,
    kept: answerer.kept,
    configure: (next) => void (config = next instanceof AppError ? next : configOf(next)),
    raw,
    ask: async (...keys) => raw(JSON.stringify({apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderRequest', request: {keys}})),
    async pass(milliseconds) {
      for (const one of waits.splice(0).filter((each) => each.milliseconds <= milliseconds || (waits.push(each), false))) one.end()
      await settled()
    },
    records: async () => admissions(base),
  }
}

/** All that can go on without time has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
}

let uids = 0

/** As our constraint makes it, for a pod with these images. */
export function keyOf(images: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
  uids += 1
  return JSON.stringify({
    v: 1,
    mode: 'admission',
    uid: more['mode'] === 'audit' ? '' : `uid-${uids}`,
    op: 'CREATE',
    sub: '',
    dryRun: false,
    user: 'ada@example.com',
    arn: [],
    groups: ['engineers'],
    ns: 'patient-api',
    kind: 'Pod',
    name: 'web',
    objectUid: `object-${uids}`,
    owners: [],
    images: images.map((image, at) => ({path: `spec.containers[${at}]`, image})),
    old: [],
    ...more,
  })
}

function nameOf(path: string): string {
  return path.slice('/policy/'.length)
}
