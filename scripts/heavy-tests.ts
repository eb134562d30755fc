/** What `npm run test:fast` leaves out: tests that need built tools, real servers or an installation, or many processes for minutes. */
export const HEAVY_TESTS: readonly string[] = [
  'test/connection-log.test.ts',
  'test/e2e/',
  'test/fakes/kms-endpoint.test.ts',
  'test/lib/actions/concurrent-records.test.ts',
  'test/lib/registry/copy.test.ts',
  'test/lib/registry/registry.test.ts',
  'test/lib/predicates/vsa.test.ts',
  'test/package.test.ts',
  'test/readme.test.ts',
  'test/timestamp-authority.test.ts',
]
