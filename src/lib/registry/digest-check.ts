/** Passes bytes on and judges them at the end. */
import {createHash} from 'node:crypto'
import {AppError} from '../errors.ts'
import type {Descriptor} from '../ports/images.ts'

export class DigestCheck {
  readonly #hash = createHash('sha256')
  readonly #descriptor: Descriptor
  readonly #place: string
  seen = 0

  constructor(descriptor: Descriptor, place: string) {
    this.#descriptor = descriptor
    this.#place = place
  }

  /** @throws AppError `image.corrupt` as soon as there is too much */
  add(chunk: Uint8Array): void {
    this.seen += chunk.byteLength
    if (this.seen > this.#descriptor.size) throw this.#corrupt(`longer than ${this.#descriptor.size} bytes`)
    this.#hash.update(chunk)
  }

  /** @throws AppError `image.corrupt` */
  end(): void {
    if (this.seen !== this.#descriptor.size) throw this.#corrupt(`${this.seen} bytes long instead of ${this.#descriptor.size}`)
    const digest = `sha256:${this.#hash.digest('hex')}`
    if (digest !== this.#descriptor.digest) throw this.#corrupt(`in truth ${digest}`)
  }

  #corrupt(why: string): AppError {
    return new AppError('image.corrupt', `the blob ${this.#descriptor.digest} in ${this.#place} is ${why}`)
  }
}
