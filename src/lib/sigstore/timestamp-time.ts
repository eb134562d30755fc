/** When some bytes were certainly there, by one RFC 3161 response and the authorities that are pinned. */
import type {TimestampTime} from '../ports/keys.ts'
import {earliest, pinnedAuthorities, verifiedTimes} from './timestamps.ts'

export const timestampTime: TimestampTime = (response, about, authorities) =>
  earliest(verifiedTimes([Buffer.from(response)], Buffer.from(about), pinnedAuthorities(authorities)))
