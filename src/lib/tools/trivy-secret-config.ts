/**
 * How Trivy looks for secrets (trivy, docs/guide/scanner/secret.md).
 *
 * By itself it skips every path with `/test`, `example`, `/vendor/` or `.md`
 * in it, so that a key in `app/tests/` or even `app/testimonials.conf` ships
 * unseen. We look there; only the tests and papers of packages that somebody
 * else published stay out, because their sample keys are public.
 */
export const SECRET_CONFIG = `disable-allow-rules: [tests, examples, vendor, markdown, locale-dir]
allow-rules:
  - id: published-samples
    description: tests, examples and papers of published packages
    path: (^|/)(site-packages|dist-packages|node_modules|gems)/(.*/)?(tests?|examples?|locales?)/|(^|/)(site-packages|dist-packages|node_modules|gems)/.*\\.md$
  - id: documented-sample
    description: the sample keys of the vendors' own documentation end in EXAMPLE or EXAMPLEKEY
    regex: EXAMPLE(KEY)?$
`
