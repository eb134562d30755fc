/** Resolves with the signal that is to end a server, in place of ending the process, as a signal does elsewhere. A second one ends it at once. */
import process from 'node:process'

export async function untilStopped(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<NodeJS.Signals> {
  const {promise, resolve} = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of signals) {
    process.removeAllListeners(signal)
    process.once(signal, () => {
      resolve(signal)
      process.once(signal, () => process.exit(130))
    })
  }
  return promise
}
