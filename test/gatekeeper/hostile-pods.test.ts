/**
 * Pods of any shape, in the real engine. Whatever somebody writes, the rule comes to an end: the provider is asked about
 * every image, or the pod is refused. Nothing makes the rule undefined, for that would be an admission without a question.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parseRequestKey} from '../../src/lib/admission/request-key.ts'
import {reviewValue} from '../lib/admission/reviews.ts'
import {allows, refuses, withGate, type Gate} from './gate.ts'

const text = fc.oneof(
  fc.string({unit: 'binary', maxLength: 40}),
  fc.string({unit: 'grapheme-ascii', maxLength: 40}),
  fc.constantFrom('', '\u0000', '\u2028', '</script>', '{"v":1}', '${x}', '%s%d', '😀'),
)
const nothing = fc.constantFrom(null, undefined)
/** Neither `image` nor `reference` can come up in it by chance. */
const anything = fc.jsonValue({maxDepth: 2, stringUnit: 'binary'}) as fc.Arbitrary<unknown>

const imageOf = (member: 'image' | 'reference', value: fc.Arbitrary<unknown>) => value.map((given) => ({[member]: given}))
const container = fc
  .tuple(fc.oneof({weight: 6, arbitrary: text}, {weight: 1, arbitrary: nothing}), text)
  .map(([image, name]) => ({name, image, env: [{name: 'A', value: name}]}))
const volume = fc.oneof(
  text.map((name) => ({name, emptyDir: {}})),
  imageOf('reference', fc.oneof(text, nothing)).map((image) => ({name: 'v', image})),
  fc.constant({name: 'v', image: null}),
)
const listOf = (item: fc.Arbitrary<unknown>) => fc.oneof({weight: 5, arbitrary: fc.array(item, {maxLength: 5})}, {weight: 1, arbitrary: nothing})
const owner = fc.record({kind: fc.oneof(text, nothing), name: fc.oneof(text, nothing), controller: fc.oneof(fc.boolean(), nothing)})
const metadata = fc.record({name: fc.oneof(text, nothing), uid: fc.oneof(text, nothing), ownerReferences: listOf(owner)})
const podSpec = fc.record({containers: listOf(container), initContainers: listOf(container), ephemeralContainers: listOf(container), volumes: listOf(volume)})
const userInfo = fc.record({username: text, groups: listOf(text), extra: fc.oneof(nothing, fc.record({arn: listOf(text)}))})

/** As an API server lets them through: of the right types, with anything in them. */
const written = fc.record({spec: podSpec, metadata, userInfo, old: fc.oneof(nothing, podSpec), dryRun: fc.oneof(fc.boolean(), nothing)})

/** What no API server lets through: members of every shape, at every depth. */
const broken = fc.record({
  spec: fc.oneof(
    anything,
    fc.record({
      containers: fc.oneof(anything, fc.array(fc.oneof(anything, imageOf('image', anything)), {maxLength: 3})),
      initContainers: anything,
      volumes: fc.oneof(anything, fc.array(fc.oneof(anything, imageOf('image', fc.oneof(anything, imageOf('reference', anything)))), {maxLength: 3})),
    }),
  ),
  ownerReferences: anything,
})

/** Every text under `image` or `reference`, wherever it stands: another way than the rule's. */
function imagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, inner]) =>
    typeof inner === 'string' && (member === 'image' || member === 'reference') ? [inner] : imagesIn(inner),
  )
}

describe('a pod of any shape', () => {
  let nth = 0
  const reviewOf = (object: unknown, request: Readonly<Record<string, unknown>> = {}) => {
    nth += 1
    return {uid: `hostile-${nth}`, review: reviewValue({request: {uid: `hostile-${nth}`, object, ...request}})}
  }
  const keyOf = ({provider}: Gate, uid: string) => provider.asked.find((key) => key.includes(`"uid":"${uid}"`)) ?? assert.fail('the provider was not asked')

  it('is asked about with a key that can be read, and that lists every image', () =>
    withGate(allows, {}, async (gate) => {
      await fc.assert(
        fc.asyncProperty(written, async ({spec: given, metadata: own, userInfo: person, old, dryRun}) => {
          const operation = old === undefined || old === null ? 'CREATE' : 'UPDATE'
          const request = {userInfo: person, dryRun, operation, oldObject: operation === 'UPDATE' ? {kind: 'Pod', apiVersion: 'v1', spec: old} : null}
          const {uid, review} = reviewOf({apiVersion: 'v1', kind: 'Pod', metadata: own, spec: given}, request)
          const {violations} = await gate.review(review)
          const key = keyOf(gate, uid)
          const places = count(given.containers) + count(given.initContainers) + count(given.ephemeralContainers) + volumesIn(given.volumes)
          if (places === 0) {
            assert.equal(violations.length, 1)
            assert.match(violations[0]?.message ?? '', /names no image/)
            return
          }
          assert.deepEqual(violations, [])
          const {ask} = parseRequestKey(key)
          assert.equal(ask.images.length, places)
          assert.deepEqual(ask.images.flatMap(({image}) => (image === '' ? [] : [image])).toSorted(), wellFormed(imagesIn(given)))
          const running = new Set(operation === 'UPDATE' ? wellFormed(imagesIn(old)) : [])
          assert.deepEqual(
            ask.images.map(({unchanged}) => unchanged),
            ask.images.map(({image}) => running.has(image)),
          )
        }),
        {numRuns: 300},
      )
    }))

  it('is refused where the provider refuses', () =>
    withGate(refuses, {}, async (gate) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(written, broken), async (given) => {
          const {review} = reviewOf({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'web'}, ...given})
          assert.equal((await gate.review(review)).violations.length, 1)
        }),
        {numRuns: 200},
      )
    }))

  it('is asked about also where no API server would take it, and what is no image counts as an empty one', () =>
    withGate(allows, {}, async (gate) => {
      await fc.assert(
        fc.asyncProperty(broken, async ({spec: given, ownerReferences}) => {
          const {uid, review} = reviewOf({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'web', ownerReferences}, spec: given})
          const {violations} = await gate.review(review)
          const key = keyOf(gate, uid)
          if (violations.length > 0) {
            assert.throws(() => parseRequestKey(key))
            return
          }
          const asked = new Set(parseRequestKey(key).ask.images.map(({image}) => image))
          assert.deepEqual(
            wellFormed(listed(given)).filter((image) => !asked.has(image)),
            [],
          )
        }),
        {numRuns: 200},
      )
    }))

  for (const containers of [0, 'web', true, {image: 7}, [7], [null], [['web']], [{image: {}}]])
    it(`counts ${JSON.stringify(containers)} for containers as an empty image, not as none`, () =>
      withGate(allows, {}, async (gate) => {
        const {uid, review} = reviewOf({apiVersion: 'v1', kind: 'Pod', spec: {initContainers: [{image: 'init'}], containers}})
        await gate.review(review)
        assert.deepEqual(
          parseRequestKey(keyOf(gate, uid)).ask.images.map(({image}) => image),
          ['init', ''],
        )
      }))
})

function count(list: unknown): number {
  return Array.isArray(list) ? list.length : 0
}

function volumesIn(list: unknown): number {
  return itemsOf(list).filter((item) => (memberOf(item, 'image') ?? null) !== null).length
}

/** Where a container's or a volume's image stands; elsewhere the words mean nothing. */
function listed(spec: unknown): string[] {
  const textIn = (holder: unknown, member: string) => [memberOf(holder, member)].filter((value) => typeof value === 'string')
  return [
    ...itemsOf(memberOf(spec, 'containers')).flatMap((item) => textIn(item, 'image')),
    ...itemsOf(memberOf(spec, 'volumes')).flatMap((item) => textIn(memberOf(item, 'image'), 'reference')),
  ]
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function memberOf(value: unknown, member: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === member)?.[1] : undefined
}

/** As Go reads them: half a surrogate pair is no character. */
function wellFormed(images: readonly string[]): string[] {
  return images
    .filter((image) => image !== '')
    .map((image) => image.toWellFormed())
    .toSorted()
}
