/** What `npm run test:fast` leaves out: tests that need built tools, real servers or an installation, or many processes for minutes. */
export const HEAVY_TESTS: readonly string[] = [
  'test/connection-log.test.ts',
  'test/e2e/',
  'test/fakes/kms-endpoint.test.ts',
  'test/fakes/s3-fault-proxy.test.ts',
  'test/lib/actions/evidence/concurrent-records.test.ts',
  'test/lib/actions/sign/sign-statement.test.ts',
  'test/lib/keys/open-aws-key.test.ts',
  'test/lib/registry/copy.test.ts',
  'test/lib/registry/registry.test.ts',
  'test/lib/predicates/vsa.test.ts',
  'test/lib/timestamps/request-timestamp.test.ts',
  'test/lib/stores/s3/',
  'test/package.test.ts',
  'test/readme.test.ts',
  'test/s3.test.ts',
  'test/timestamp-authority.test.ts',
]
