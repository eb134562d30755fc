/** Lies about who said yes, and who brought the image there. */
import {APPROVAL_TYPE, PROVENANCE_TYPE, type StatementInput} from '../../src/lib/evidence/statement.ts'
import {provenancePredicate} from '../../src/lib/predicates/provenance.ts'
import {createSigner, type TestSigner} from '../fakes/dsse-signer.ts'
import {ago, signatureOf} from '../fakes/statements.ts'
import {pinOf} from '../fakes/verdict-context.ts'
import type {Ask, Row} from './row.ts'
import type {Scene} from './scene.ts'

const JO = createSigner()
const SAM = createSigner()
const PROMOTER = createSigner()
const SOURCE = 'registry.example/build/app'

const PERSONS = JSON.stringify({
  version: 1,
  persons: [
    {person: 'jo', principals: [{issuer: 'git', id: 'jo@clinic.example'}]},
    {person: 'sam', principals: [{issuer: 'git', id: 'sam@clinic.example'}]},
  ],
})

/** Under a policy that wants the word of jo or sam. */
const asked = (minimum = 1): Ask => ({
  requires: 'signature',
  environment: {approvals: {minimum, by: [approver('jo', JO), approver('sam', SAM)]}},
  config: {identities: 'identities.yaml'},
  files: {'identities.yaml': PERSONS},
  keys: [JO, SAM],
})

export const APPROVAL_ROWS: readonly Row[] = [
  {situation: 'approved by somebody who did not write the change', expected: {exit: 0}, cosign: 0, lay: approvedBy(SAM)},
  {
    situation: 'nobody has approved it',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene)
      return asked()
    },
  },
  {
    situation: 'approved only by the person who wrote the change',
    expected: {exit: 1, reason: 'approval.by-author', check: 'approvals'},
    cosign: 0,
    lay: approvedBy(JO),
  },
  {
    situation: 'approved with the key that signs builds',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene)
      await scene.attach(approvalOf(scene))
      return asked()
    },
  },
  {
    situation: 'approved for another environment',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    lay: approvedBy(SAM, {environment: 'staging'}),
  },
  {
    situation: 'approved in another repository, from which nobody promoted it',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    lay: approvedBy(SAM, {repository: SOURCE}),
  },
  {
    situation: 'approved tomorrow',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    lay: approvedBy(SAM, {approvedOn: ago(-24)}),
  },
  {
    situation: 'approved under a condition that nobody knows',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    lay: approvedBy(SAM, {unless: 'it is Friday'}),
  },
  {
    situation: 'approved twice by one person, where two are wanted',
    expected: {exit: 6, reason: 'approval.missing', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene)
      for (const approvedOn of [ago(3), ago(2)]) await scene.attach(approvalOf(scene, {approvedOn}), {by: SAM})
      return asked(2)
    },
  },
  {
    situation: 'approved, and the author of the change is nobody that is known',
    expected: {exit: 5, reason: 'approval.unresolved-person', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene, ['alex@clinic.example'])
      await scene.attach(approvalOf(scene), {by: SAM})
      return asked()
    },
  },
  {
    situation: 'approved, and nothing signed says who wrote the change',
    expected: {exit: 5, reason: 'approval.no-author', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene, [])
      await scene.attach(approvalOf(scene), {by: SAM})
      return asked()
    },
  },
  {
    situation: 'approved, and the newest provenance does not say who wrote the change, though an older one does',
    expected: {exit: 5, reason: 'approval.no-author', check: 'approvals'},
    cosign: 0,
    async lay(scene) {
      await built(scene)
      await scene.attach(provenanceBy(scene, [], ago(0.5)))
      await scene.attach(approvalOf(scene), {by: SAM})
      return asked()
    },
  },
  {
    situation: 'promoted: signed for this repository by the promotion key',
    expected: {exit: 0},
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], SOURCE))
      await scene.attach(signatureOf([scene.digest], scene.repository), {by: PROMOTER})
      return PROMOTED
    },
  },
  {
    situation: 'signed for the repository that images are promoted to, by the key that signs builds',
    expected: {exit: 1, reason: 'signature.wrong-key', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository))
      return PROMOTED
    },
  },
  {
    situation: 'copied to where images are promoted to, with all that was attached',
    expected: {exit: 1, reason: 'signature.wrong-key', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], SOURCE))
      return PROMOTED
    },
  },
  {
    situation: 'promoted elsewhere, and copied from there',
    expected: {exit: 1, reason: 'signature.wrong-repository', check: 'signature'},
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], SOURCE), {by: PROMOTER})
      return PROMOTED
    },
  },
]

const PROMOTED: Ask = {
  requires: 'signature',
  environment: {promotion: {key: 'awskms:///alias/promotion', ...pinOf(PROMOTER)}},
  keys: [PROMOTER],
}

function approver(person: string, {spki}: TestSigner): object {
  return {person, spki: `sha256:${spki}`, file: `keys/${spki}.pub`}
}

/** Signed, with provenance that names the authors. */
async function built(scene: Scene, authors: readonly string[] = ['jo@clinic.example']): Promise<void> {
  await scene.attach(signatureOf([scene.digest], scene.repository))
  await scene.attach(provenanceBy(scene, authors))
}

function provenanceBy({digest}: Scene, authors: readonly string[], statedAt = ago(1)): StatementInput {
  const facts = {
    platform: 'workstation',
    ci: false,
    source: 'team/app',
    actor: {},
    change: {authors: authors.map((id) => ({id, issuer: 'git', basis: 'claimed' as const}))},
  }
  const predicate = provenancePredicate({facts, statedAt, toolVersion: '0.0.0', byproducts: []})
  return {digests: [digest], predicateType: PROVENANCE_TYPE, predicate}
}

function approvalOf({digest, repository}: Scene, more: Readonly<Record<string, unknown>> = {}): StatementInput {
  return {digests: [digest], predicateType: APPROVAL_TYPE, predicate: {environment: 'production', repository, approvedOn: ago(1), ...more}}
}

function approvedBy(signer: TestSigner, more?: Readonly<Record<string, unknown>>): Row['lay'] {
  return async (scene) => {
    await built(scene)
    await scene.attach(approvalOf(scene, more), {by: signer})
    return asked()
  }
}
