/** One attack: where it can be made, what it does, and what has to be found. */
import type {ReasonCode} from '../../src/lib/errors.ts'
import type {VerifyEvidenceRequest} from '../../src/lib/actions/evidence/verify-result.ts'
import type {Config} from '../../src/lib/config/schema.ts'
import type {Kind, Scene} from './scene.ts'

/** How the verification is asked, where not as usual. */
export interface Ask extends Partial<VerifyEvidenceRequest> {
  /** What the finding is about; not given: not looked at. */
  readonly about?: string
  readonly config?: Partial<Pick<Config, 'sealing' | 'writers'>>
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** What lies in the store `folder:/anchor`. */
  readonly anchor?: Readonly<Record<string, Uint8Array>>
  /** When it is verified: minutes after the scene. */
  readonly later?: number
}

export interface AttackRow {
  readonly attack: string
  readonly on: readonly Kind[]
  /** All that is found; the first is its own, the others cannot be kept out. */
  readonly finds: readonly [ReasonCode, ...ReasonCode[]]
  readonly exit: 1 | 5 | 6
  /** How it is found, a few words. */
  readonly by: string
  /** Takes rights that a locked bucket gives to nobody. */
  readonly needsUnlocked?: true
  act(scene: Scene): Promise<Ask>
}

export const FILES: readonly Kind[] = ['folder', 'copy']
export const BUCKET: readonly Kind[] = ['bucket']
export const SEALED_IN: readonly Kind[] = ['bucket', 'folder']
export const ALL: readonly Kind[] = ['bucket', 'folder', 'copy']
