import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {InstallResult} from '../../../../src/lib/actions/admission/install-admission.ts'
import {renderInstall} from '../../../../src/lib/cli/render/install-admission.ts'

const RESULT: InstallResult = {
  exitCode: 0,
  cluster: 'prod-east',
  namespace: 'hipaa-ci',
  step: 'all',
  exempt: ['kube-system', 'hipaa-ci'],
  objects: [
    {file: 'namespace.yaml', kind: 'Namespace', name: 'hipaa-ci', state: 'unchanged'},
    {file: 'webhook.yaml', kind: 'ValidatingWebhookConfiguration', name: 'hipaa-ci-images', state: 'written'},
  ],
  folder: '/deploy',
  secret: {file: '/deploy/private/tls-secret.yaml', until: '2026-05-31T08:00:00.000Z', made: true},
  next: [`kubectl apply -k '/deploy' ${'x'.repeat(120)}`],
  notes: ['until the provider is ready, pods are refused'],
}

function shown(more: Partial<InstallResult> = {}): string {
  return stripVTControlCharacters(renderInstall({...RESULT, ...more}))
}

describe('renderInstall', () => {
  it('says what was written, what is left out, and what to type, each step on one line', () => {
    const text = shown()
    assert.match(text, /^✔ 2 objects in \/deploy: what prod-east needs; 1 written\n/)
    assert.match(text, /webhook\.yaml +ValidatingWebhookConfiguration +hipaa-ci-images +written/)
    assert.match(text, /not looked into: kube-system, hipaa-ci/)
    assert.ok(text.includes(`  → ${RESULT.next[0]}\n`))
    assert.match(text, /- until the provider is ready, pods are refused$/)
  })

  it('says where the key is, and until when the certificate is valid', () => {
    assert.match(shown(), /certificate made, valid until 2026-05-31; its key is in \/deploy\/private\/tls-secret\.yaml/)
    const {secret: _, ...keyless} = RESULT
    assert.doesNotMatch(stripVTControlCharacters(renderInstall(keyless)), /key is in/)
  })

  it('says that nothing changed', () => {
    assert.match(shown({objects: RESULT.objects.map((object) => ({...object, state: 'unchanged'}))}), /; nothing changed\n/)
  })

  it('lets no name in the policy write on the terminal', () => {
    assert.ok(!renderInstall({...RESULT, cluster: 'a\u001B[31mb'}).includes('\u001B[31mb'))
  })
})
