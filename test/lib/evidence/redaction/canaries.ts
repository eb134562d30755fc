/**
 * Values that redaction must find, all synthetic.
 *
 * SSNs are the two that the Social Security Administration published as
 * specimens and voided; the MBI and the NPI are the specimens of CMS; telephone
 * numbers are out of 555-01xx; domains are reserved; tokens are put together
 * from their issuer's prefix and filler, at run time, so that no scanner takes
 * this file for a leak.
 */
export interface Canary {
  readonly rule: string
  /** What must be gone. */
  readonly value: string
  /** What holds it; `value` is in it. */
  readonly text: string
}

const filler = (length: number, letters = 'aB3dE5gH7jK9mN2pQ4sT6vW8xY') => letters.repeat(Math.ceil(length / letters.length)).slice(0, length)
const canary = (rule: string, value: string, text = value): Canary => ({rule, value, text: text.replace('VALUE', value)})
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const pem = (kind: string, body: string) => [`-----BEGIN ${kind}`, `PRIVATE KEY-----\n${body}\n-----END ${kind}`, 'PRIVATE KEY-----'].join('')

export const CREDENTIAL_CANARIES: readonly Canary[] = [
  canary('aws-key', ['AKIA', 'IOSFODNN7EXAMPLE'].join(''), 'key is VALUE.'),
  canary('aws-key', ['ASIA', filler(16, 'ABCDEFGH234567')].join('')),
  ...['p', 'o', 'u', 's', 'r'].map((kind) => canary('github-token', ['gh', kind, '_', filler(36)].join(''), 'pushed with VALUE, twice')),
  canary('github-token', ['github', '_pat_', filler(22), '_', filler(59)].join('')),
  canary('gitlab-token', ['glp', 'at-', filler(20)].join(''), 'PRIVATE-TOKEN: VALUE'),
  canary('npm-token', ['npm', '_', filler(36)].join('')),
  canary('slack-token', ['xox', 'b-', filler(12, '123456789'), '-', filler(24)].join('')),
  canary('webhook', filler(40), ['https://hooks.slack', 'com/services/VALUE'].join('.')),
  canary('pypi-token', ['pypi', '-AgE', filler(60)].join('')),
  canary('google-key', ['AI', 'za', filler(35)].join('')),
  canary('stripe-key', ['sk', '_live_', filler(24)].join('')),
  canary('vault-token', ['hv', 's.', filler(30)].join('')),
  canary('docker-token', ['dckr', '_pat_', filler(27)].join('')),
  canary('sendgrid-key', ['SG', filler(22), filler(43)].join('.')),
  canary('model-key', ['sk', 'ant', filler(40)].join('-')),
  canary('age-key', ['AGE-SECRET', '-KEY-1', filler(58, 'ABCDEFGH234567')].join('')),
  canary('jwt', [base64({alg: 'none', typ: 'JWT'}), base64({sub: 'nobody'}), filler(43)].join('.'), 'Cookie: session=VALUE; Path=/'),
  canary('private-key', pem('', filler(64))),
  canary('private-key', pem('EC ', `${filler(64)}\n${filler(20)}`)),
  canary('private-key', pem('ENCRYPTED SIGSTORE ', filler(64)), 'the file says VALUE'),
  canary('private-key', ['-----BEGIN RSA ', `PRIVATE KEY-----\n${filler(64)}\n${filler(12)}`].join('')),
  canary('url-password', 'correct-horse', 'cloned https://build:VALUE@git.example/app.git'),
  canary('url-password', 'p%40ss', 'postgres://app:VALUE@db.internal:5432/patients?sslmode=require'),
  canary('authorization', filler(40), 'Authorization: Bearer VALUE'),
  canary('authorization', 'dXNlcjpwYXNzd29yZDEyMw==', 'curl -H "authorization: basic VALUE"'),
  canary('password', 'hunter2', 'password=VALUE'),
  canary('password', 'hunter2!', 'db_password: VALUE'),
  canary('password', 'hunter2!', 'export SMTP_DB_PASS=VALUE'),
  canary('password', 'correct horse battery', 'PASSWORD="VALUE"'),
  canary('password', 'correct horse', "password: 'VALUE'"),
  canary('password', filler(40), ['aws_secret_access', 'key = VALUE'].join('_')),
  canary('password', filler(24), 'client-secret := VALUE'),
  canary('password', 'abcd1234', 'login --user build --password VALUE --quiet'),
  canary('password', 'correct horse', 'tool -token "VALUE"'),
  canary('password', 'abcd1234', '?api_key=VALUE&format=json'),
  canary('password', filler(88), 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=VALUE;EndpointSuffix=core.example'),
]

export const IDENTIFIER_CANARIES: readonly Canary[] = [
  canary('ssn', '078-05-1120', 'patient VALUE was admitted'),
  canary('ssn', '219-09-9999', 'ssn-VALUE.log'),
  canary('ssn', '078\u201105\u20111120', '(VALUE)'),
  canary('ssn', '078051120', 'SSN: VALUE'),
  canary('ssn', '078 05 1120', 'social security number is VALUE'),
  canary('mbi', '1EG4-TE5-MK73'),
  canary('mbi', '1EG4TE5MK73', 'beneficiary 1EG4TE5MK73, part B'),
  canary('npi', '1234567893', 'NPI 1234567893'),
  canary('npi', '1234567893', 'npi="1234567893"'),
  canary('dea', 'AB1234563', 'DEA number: VALUE'),
  canary('mrn', 'A0012345', 'MRN: VALUE'),
  canary('mrn', '00123456', 'patient_id=VALUE'),
  canary('mrn', 'H-20-1177', 'Medical record no. VALUE'),
  canary('member', 'XYZ123456789', 'member id XYZ123456789'),
  canary('member', '9988776655', 'Subscriber number: VALUE'),
  canary('birth-date', '1961-04-12', 'DOB 1961-04-12'),
  canary('birth-date', '4/12/61', 'date of birth: VALUE'),
  canary('birth-date', '12 April 1961', 'born on VALUE in'),
  canary('patient-name', 'Jane Q. Specimen', 'Patient name: VALUE, 64'),
]

export const CONTACT_CANARIES: readonly Canary[] = [
  canary('email', 'jane.specimen+x@mail.example.com', 'write to <VALUE>, please'),
  canary('email', 'jane@example.org', 'mailto:VALUE'),
  canary('phone', '212-555-0123', 'call VALUE now'),
  canary('phone', '(212) 555-0123'),
  canary('phone', '+1 (212) 555-0123', 'at +1 (212) 555-0123.'),
  canary('phone', '212.555.0123', 'Tel: VALUE'),
  canary('phone', '2125550123', 'phone=VALUE'),
]

export const PLACE_CANARIES: readonly Canary[] = [
  canary('home', 'jspecimen', '/home/VALUE/src/app/main.ts'),
  canary('home', 'jane', "cannot open '/Users/VALUE/Library'"),
  canary('home', 'jane', 'file:///home/VALUE/x'),
  canary('home', 'Jane Specimen', String.raw`C:\Users\VALUE\src`),
  canary('home', 'jane', String.raw`"C:\\Users\\VALUE\\src"`),
  canary('home', 'jane', 'HOME=/home/VALUE'),
]

export const CANARIES: readonly Canary[] = [...CREDENTIAL_CANARIES, ...IDENTIFIER_CANARIES, ...CONTACT_CANARIES, ...PLACE_CANARIES]

/** Field names that make a value a hit, with the value. */
export const LABELLED: readonly {readonly rule: string; readonly label: string; readonly value: string | number}[] = [
  {rule: 'ssn', label: 'ssn', value: '078051120'},
  {rule: 'ssn', label: 'social_security_number', value: 219099999},
  {rule: 'mbi', label: 'medicareNumber', value: '1eg4te5mk73'},
  {rule: 'npi', label: 'provider_npi', value: 1234567893},
  {rule: 'npi', label: 'renderingProviderNpi', value: '1234567893'},
  {rule: 'phone', label: 'homePhone', value: '2125550123'},
  {rule: 'dea', label: 'dea', value: 'AB1234563'},
  {rule: 'mrn', label: 'mrn', value: '00123456'},
  {rule: 'mrn', label: 'patientId', value: 'P-123456'},
  {rule: 'member', label: 'memberId', value: 'XYZ123456789'},
  {rule: 'birth-date', label: 'dateOfBirth', value: '1961-04-12'},
  {rule: 'birth-date', label: 'birth_date', value: '1961-04-12T00:00:00Z'},
  {rule: 'patient-name', label: 'patientName', value: 'specimen, jane'},
  {rule: 'phone', label: 'phone', value: '+1 212 555 0123'},
  {rule: 'password', label: 'password', value: 'correct horse battery staple'},
  {rule: 'password', label: 'apiKey', value: 'aaaaBBBB'},
]

/** What belongs to somebody's work and to nobody's life: never a hit. */
export const HARMLESS: readonly string[] = [
  'registry.example/team/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'urn:hipaa-ci:run:01JGFJJZ00ABCDEFGHJKMNPQRS',
  '01JGFJJZ00ABCDEFGHJKMNPQRS',
  'registry.example/team/auth-token:sha-1a2b3c4',
  'registry.example/vault-secret:2024a1',
  'repo:acme/secret:ref:refs/heads/main2',
  'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/db-Ab12Cd',
  'TESTS_PASS=1024 SMOKE_PASS=true',
  '2026-01-02T03:04:05.678Z',
  'built 2026-01-02 in 123-45 seconds',
  '1767323045',
  '1767323045678',
  'request 1234567893 took 12 ms',
  'pkg:npm/%40scope/left-pad@1.3.0',
  'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
  'pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12',
  'cpe:2.3:a:base-passwd:passwd:3.5.20:*:*:*:*:*:*:*',
  'left-pad@1.3.0.tgz',
  '@types/node@24.19.2',
  'lodash@4.17.21-beta.rc',
  'actions/checkout@v4.2.2',
  'git@github.com:acme/app.git',
  'ssh://git@git.example/acme/app.git',
  'getty@tty1.service',
  'logo@2x.png',
  'https://example.com/home/index.html',
  'https://example.com/Users/guide',
  '/home/runner/work/app/app',
  '/home/node/app/server.js',
  '/home/$USER/x',
  String.raw`C:\Users\runneradmin\AppData`,
  '/usr/share/home/x',
  'CVE-2021-44228',
  'GHSA-jfh8-c2jp-5v3q',
  'RHSA-2021:1234',
  'KB5003173',
  'CAS 7732-18-5',
  'ISBN 978-3-16-148410-0',
  '000-12-3456',
  '666-12-3456',
  '912-12-3456',
  '123-00-4567',
  '123-45-0000',
  '1123-45-6789',
  '123-45-67890',
  '3.123-45-6789.1',
  'a5d8f3c2-1b4e-4c6d-8f7a-9b0c1d2e3f4a',
  'password: the password of the database',
  'password: required',
  'the token "record" is learned',
  'pass --token to the command, or --password file:x',
  'password=${DB_PASSWORD}',
  'password=<your password>',
  'password=********',
  'PASSWORD={{ secrets.DB }}',
  'GITHUB_TOKEN=****************************************',
  'token = request.headers.authorization',
  'const token = getToken(request)',
  'secretName: patient-api-tls',
  'Bearer token required',
  'basic authentication is off',
  'js-tokens: 4.0.0',
  '"csrf-token": "^2.1.0"',
  'secret: env:REDACTION_SECRET',
  'npi 1234567890',
  'dea AB1234567',
  '01JGFMRN00123456789ABCDEFG',
  'patient_id: Optional[int]',
  'eyJub3QiOiJqc29u.eyJub3QiOiJqc29u.x',
  'a phone: it rings',
  'kernel 5.10.0-212-generic',
  '10.0.0.1:5432',
  'spec.containers[0]',
  'linux/arm/v7',
  'refs/pull/212/merge',
  'MIT OR Apache-2.0',
  'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
]
