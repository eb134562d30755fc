/** Lies in and about attestations, under a good signature. */
import {SPDX_TYPE} from '../../src/lib/evidence/statement.ts'
import {ago, codeTestOf, gateOf, provenanceOf, sbomOf, scanOf} from '../fakes/statements.ts'
import type {Row} from './row.ts'

const OTHER_DIGEST = `sha256:${'0'.repeat(64)}`

export const ATTESTATION_ROWS: readonly Row[] = [
  {
    situation: 'the SBOM is signed by a stranger',
    expected: {exit: 6, reason: 'sbom.missing', check: 'sbom'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['sbom'])
      await scene.attach(sbomOf(scene.digest), {by: scene.stranger})
    },
  },
  {
    situation: 'the SBOM is about another image',
    expected: {exit: 6, reason: 'sbom.missing', check: 'sbom'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['sbom'])
      await scene.attach(sbomOf(OTHER_DIGEST))
    },
  },
  {
    situation: 'the SBOM is not an SBOM',
    expected: {exit: 1, reason: 'attestation.invalid', check: 'sbom'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['sbom'])
      await scene.attach({digests: [scene.digest], predicateType: SPDX_TYPE, predicate: {packages: 'all fine'}})
    },
  },
  {
    situation: 'the provenance has a parameter that nobody knows',
    expected: {exit: 1, reason: 'provenance.parameter', check: 'provenance'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['provenance'])
      const {predicate, ...statement} = provenanceOf([scene.digest])
      await scene.attach({
        ...statement,
        predicate: JSON.parse(JSON.stringify(predicate).replace('"externalParameters":{', '"externalParameters":{"debug":true,')) as unknown,
      })
    },
  },
  {
    situation: 'the gate stopped the image',
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['gate'])
      await scene.attach(gateOf([scene.digest], {decision: 'fail'}))
    },
  },
  {
    situation: 'the gate could not be judged',
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['gate'])
      await scene.attach(gateOf([scene.digest], {decision: 'could-not-check'}))
    },
  },
  {
    situation: 'the gate passed once, and stopped the image later',
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['gate'])
      await scene.attach(gateOf([scene.digest], {decidedAt: ago(2)}))
      await scene.attach(gateOf([scene.digest], {decidedAt: ago(1), decision: 'fail'}))
    },
  },
  {
    situation: 'the gate passed and stopped the image in the same instant',
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      await scene.attach(gateOf([scene.digest], {decision: 'fail'}))
    },
  },
  {
    situation: 'the gate stopped the image once, and passed it later',
    expected: {exit: 0},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      await scene.attach(gateOf([scene.digest], {decidedAt: ago(5), decision: 'fail'}))
    },
  },
  {
    situation: "Semgrep's newer pass lies over a failed gate",
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['gate'])
      await scene.attach(gateOf([scene.digest], {decision: 'fail'}))
      await scene.attach(codeTestOf([scene.digest]))
    },
  },
  {
    situation: "Semgrep's pass stands in for the gate",
    expected: {exit: 6, reason: 'gate.missing', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['gate'])
      await scene.attach(codeTestOf([scene.digest]))
    },
  },
  {
    situation: 'the gate passed, but the signed scan is above the limits of the environment',
    expected: {exit: 1, reason: 'gate.failed', check: 'gate'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['scan'])
      await scene.attach(scanOf(scene.digest, {findings: ['critical']}))
    },
  },
  {
    situation: 'the signed scan is too old',
    expected: {exit: 1, reason: 'scan.too-old', check: 'scan'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['scan'])
      await scene.attach(scanOf(scene.digest, {finishedAt: ago(24 * 8)}))
    },
  },
  {
    situation: 'the scan is of today, its database of last year',
    expected: {exit: 1, reason: 'scan.too-old', check: 'scan'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['scan'])
      await scene.attach(scanOf(scene.digest, {databaseAt: ago(24 * 365)}))
    },
  },
  {
    situation: 'one platform of the index was not scanned',
    expected: {exit: 6, reason: 'scan.missing', check: 'scan'},
    cosign: 0,
    index: true,
    async lay(scene) {
      await scene.honest(['scan'])
      const [first] = scene.image.children
      if (first !== undefined) await scene.attach(scanOf(first.descriptor.digest), {to: first.descriptor})
    },
  },
  {
    situation: "one platform carries the other's scan",
    expected: {exit: 6, reason: 'scan.missing', check: 'scan'},
    cosign: 0,
    index: true,
    async lay(scene) {
      await scene.honest(['scan'])
      const [first, second] = scene.image.children
      if (first === undefined || second === undefined) return
      await scene.attach(scanOf(first.descriptor.digest), {to: first.descriptor})
      await scene.attach(scanOf(first.descriptor.digest), {to: second.descriptor})
    },
  },
  {situation: 'nothing is wrong with an index of two platforms', expected: {exit: 0}, cosign: 0, index: true, lay: (scene) => scene.honest()},
]
