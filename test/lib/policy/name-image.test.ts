import assert from 'node:assert/strict'
import {nameImage} from '../../../src/lib/policy/name-image.ts'

describe('nameImage', () => {
  it('puts the image in every place of what is to be typed, and leaves the rest', () => {
    const checks = nameImage(
      [
        {name: 'scan', state: 'missing', message: 'no scan of <image>', fix: 'hipaa-ci scan <image> && hipaa-ci attest <image>'},
        {name: 'sbom', state: 'verified', message: 'signed'},
      ],
      'registry.example/$&/app@sha256:1',
    )
    assert.deepEqual(checks, [
      {
        name: 'scan',
        state: 'missing',
        message: 'no scan of <image>',
        fix: 'hipaa-ci scan registry.example/$&/app@sha256:1 && hipaa-ci attest registry.example/$&/app@sha256:1',
      },
      {name: 'sbom', state: 'verified', message: 'signed'},
    ])
  })
})
