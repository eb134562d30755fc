/** An SPDX document as a predicate (spdx.dev/Document): as much of it as a verdict looks at. */
import {z} from 'zod'

export const SpdxPredicate = z.looseObject({
  spdxVersion: z.string().startsWith('SPDX-'),
  creationInfo: z.looseObject({created: z.string()}),
  packages: z.array(z.unknown()),
})
