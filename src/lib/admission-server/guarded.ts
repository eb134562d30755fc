/** Tells a listener; one that fails takes no request and no timer with it. */
export function guarded(tell: () => void, onFault: ((error: unknown) => void) | undefined): void {
  try {
    tell()
  } catch (error) {
    try {
      onFault?.(error)
    } catch {
      // Then there is nobody left to tell.
    }
  }
}
