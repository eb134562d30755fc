/** What a step of `bench/evidence.ts` says of itself. */
import {z} from 'zod'

export const StepTaken = z.strictObject({
  ms: z.number(),
  /** MiB. */
  peak: z.number(),
  exitCode: z.int(),
  /** Of the log. */
  size: z.int(),
})
export type StepTaken = z.infer<typeof StepTaken>
