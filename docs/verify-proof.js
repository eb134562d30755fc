/**
 * Verifies a proof that a record is in a log of hipaa-ci, in any browser: `verifyTlogProof(bytes, keys, origin)`.
 *
 * One plain script without imports, for pages that must work offline: WebCrypto (SHA-256, Ed25519, ECDSA P-256) and
 * DecompressionStream are all it uses. It decides as `src/lib/ledger/judge-proof.ts` does, and a test holds the two
 * verdicts equal; the record's schema alone is looked at less closely. The formats are those of `docs/log.md`.
 */
'use strict'

// oxlint-disable max-lines -- one script, so that a page can carry it whole

/**
 * @param {Uint8Array} bytes of the proof
 * @param {string} keyText verifier keys, one a line, or a public key in PEM
 * @param {string} [origin] the log that a key in PEM signs for
 * @returns {Promise<object>} `{state: 'verified', index, leaf, record, checkpoint, signedBy}`, or `{state: 'failed', reason, why}`
 */
// oxlint-disable-next-line no-unused-vars -- pages call it
const verifyTlogProof = (() => {
  const MAX_PROOF = 1024 * 1024
  const MAX_NOTE = 256 * 1024
  const MAX_PATH = 53
  const MAX_LEAF = 65_535
  const MAX_RECORD = 2 * 64 * 1024
  const HEAD = /^c2sp\.org\/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/]+={0,2})\n)?index (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)$/
  const EXTRA = /^\{"v":1,"leaf":("(?:[^"\\]|\\.)*"),"record":"([A-Za-z0-9+/]+={0,2})"\}$/s
  const CHECKPOINT = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/
  const SIGNATURE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/
  const RECORD_KEY = /^records\/v1\/([a-z-]+)\/dt=(\d{4}-\d\d-\d\d)\/([0-7][0-9A-HJKMNP-TV-Z]{25})-([0-9a-f]{64})\.json\.gz$/
  const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
  const SHA256 = /^[0-9a-f]{64}$/
  const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
  const ED25519_SPKI = '302a300506032b6570032100'
  const P256_SPKI = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'

  class Failed extends Error {
    constructor(reason, why) {
      super(why)
      this.reason = reason
    }
  }

  async function verify(bytes, keyText, origin) {
    try {
      return await judge(bytes, await readKeys(keyText, origin))
    } catch (error) {
      if (error instanceof Failed) return {state: 'failed', reason: error.reason, why: error.message}
      throw error
    }
  }

  async function judge(bytes, keys) {
    const {extra, index, path, note} = readProof(bytes)
    const {leaf: leafText, record: stored} = readExtra(extra)
    const checkpoint = readCheckpoint(note)

    const ofLog = await signersOf(
      checkpoint,
      keys.filter(({name}) => name === checkpoint.origin),
    )
    const all = await signersOf(checkpoint, keys)
    if (ofLog !== undefined && ofLog.length === 0)
      throw new Failed('proof.wrong-key', `its checkpoint, of the log ${checkpoint.origin}, is not signed by the key that was given`)
    if (ofLog === undefined || all === undefined) throw new Failed('proof.invalid', 'the signature of its checkpoint does not match it')
    const leafBytes = new TextEncoder().encode(leafText)
    if (!(await isIncluded(index, checkpoint.size, await sha256(Uint8Array.of(0), leafBytes), path, checkpoint.root)))
      throw new Failed('proof.invalid', `its leaf is not number ${index + 1} of the ${checkpoint.size} that the checkpoint is of`)

    const leaf = readLeaf(leafText)
    if (leaf.sha256 !== hex(await sha256(stored)) || leaf.size !== stored.length)
      throw new Failed('proof.invalid', 'its record is not the one that the log holds there')
    const record = await readRecord(stored)
    if (record === undefined) throw new Failed('proof.invalid', 'what the log holds there is no valid record')
    if (!isOf(leaf, record)) throw new Failed('proof.invalid', 'the log says of the record what the record does not say')
    const {origin, size, root} = checkpoint
    return {state: 'verified', index, leaf, record, checkpoint: {origin, size, root: hex(root)}, signedBy: ofLog[0].text}
  }

  function readProof(bytes) {
    const whole = utf8(bytes)
    const end = whole === undefined || whole.length > MAX_PROOF ? -1 : whole.indexOf('\n\n')
    const match = end === -1 ? null : HEAD.exec(whole.slice(0, end + 1))
    if (whole?.startsWith('c2sp.org/tlog-proof@v1\r\n'))
      throw new Failed('proof.unreadable', 'its lines end as on Windows: something on its way changed every line')
    if (match === null) throw new Failed('proof.unreadable', 'this is not a proof of the form c2sp.org/tlog-proof@v1')
    const lines = match[3].split('\n').slice(0, -1)
    if (lines.length > MAX_PATH) throw new Failed('proof.unreadable', `the proof has ${lines.length} hashes; no tree is higher than ${MAX_PATH}`)
    const [extra, ...path] = [match[1] ?? '', ...lines].map(base64)
    if (extra === undefined || path.includes(undefined)) throw new Failed('proof.unreadable', 'the proof is not written in the one way it can be')
    if (match[1] === undefined) throw new Failed('proof.unreadable', 'the proof does not carry a leaf and a record')
    return {extra, index: Number(match[2]), path, note: whole.slice(end + 2)}
  }

  function readExtra(bytes) {
    const whole = utf8(bytes) ?? ''
    const match = EXTRA.exec(whole)
    const leaf = match === null ? undefined : json(match[1])
    const record = match === null ? undefined : base64(match[2])
    const isWhole = typeof leaf === 'string' && leaf.isWellFormed() && record !== undefined && new TextEncoder().encode(leaf).length <= MAX_LEAF
    if (!isWhole || whole !== JSON.stringify({v: 1, leaf, record: match[2]}))
      throw new Failed('proof.unreadable', 'the proof does not carry a leaf and a record')
    return {leaf, record}
  }

  /** A signed note (C2SP signed-note), whose text is a checkpoint (C2SP tlog-checkpoint). */
  function readCheckpoint(note) {
    const end = note.lastIndexOf('\n\n')
    const lines = note.slice(end + 2).split('\n')
    // oxlint-disable-next-line no-control-regex -- the specification forbids them
    const isText = note.length <= MAX_NOTE && end > 0 && !/[\u0000-\u0009\u000B-\u001F\uFFFD]/.test(note) && lines.pop() === '' && lines.length > 0
    const signatures = isText ? lines.map(readSignature) : [undefined]
    if (signatures.includes(undefined)) throw new Failed('proof.unreadable', 'this is not a signed note')
    const text = note.slice(0, end + 1)
    const match = CHECKPOINT.exec(text)
    if (match === null) throw new Failed('proof.unreadable', 'this is not a checkpoint')
    return {origin: match[1], size: Number(match[2]), root: base64(match[3]) ?? new Uint8Array(), text, signatures}
  }

  function readSignature(line) {
    const match = SIGNATURE.exec(line)
    const bytes = match === null ? undefined : base64(match[2])
    if (bytes === undefined || bytes.length <= 4) return undefined
    return {name: match[1], id: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4)}
  }

  /** Which of the keys signed it; undefined where a line by one of them does not verify. */
  async function signersOf({text, signatures}, keys) {
    const signers = []
    for (const {name, id, signature} of signatures) {
      const key = keys.find((one) => one.name === name && one.id === id)
      if (key === undefined) continue
      const raw = key.algorithm === 'Ed25519' ? signature : rawSignature(signature)
      const how = key.algorithm === 'Ed25519' ? 'Ed25519' : {name: 'ECDSA', hash: 'SHA-256'}
      if (raw === undefined || !(await crypto.subtle.verify(how, key.key, raw, new TextEncoder().encode(text)))) return undefined
      signers.push(key)
    }
    return signers
  }

  /** ECDSA P-256, ASN.1 DER (one SEQUENCE of two positive INTEGERs, each as short as it can be), as WebCrypto takes it. */
  function rawSignature(der) {
    if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return undefined
    const raw = new Uint8Array(64)
    let at = 2
    for (const end of [32, 64]) {
      const length = der[at + 1]
      const number = der.subarray(at + 2, at + 2 + length)
      const isPadded = number[0] === 0
      const isShort = length > 0 && number.length === length && number[0] < 0x80 && (!isPadded || length === 1 || number[1] >= 0x80)
      if (der[at] !== 0x02 || !isShort || length - (isPadded ? 1 : 0) > 32) return undefined
      const digits = isPadded ? number.subarray(1) : number
      raw.set(digits, end - digits.length)
      at += 2 + length
    }
    return at === der.length ? raw : undefined
  }

  /** RFC 9162, section 2.1.3.2. */
  async function isIncluded(index, size, leaf, path, root) {
    if (index >= size) return false
    let node = index
    let last = size - 1
    let hash = leaf
    for (const sibling of path) {
      if (last === 0) return false
      if (node % 2 === 1 || node === last) {
        hash = await sha256(Uint8Array.of(1), sibling, hash)
        while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
      } else hash = await sha256(Uint8Array.of(1), hash, sibling)
      ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    }
    return last === 0 && hex(hash) === hex(root)
  }

  function readLeaf(text) {
    const leaf = json(text)
    const isLeaf =
      isObject(leaf) &&
      text === canonical(leaf) &&
      leaf.v === 1 &&
      hasOnly(leaf, ['v', 'key', 'version', 'sha256', 'size', 'last_modified', 'lock', 'stream', 'told', 'fault']) &&
      [leaf.key, leaf.stream, leaf.version ?? 'none', leaf.fault ?? 'none'].every((one) => typeof one === 'string' && one !== '') &&
      SHA256.test(leaf.sha256) &&
      Number.isSafeInteger(leaf.size) &&
      isTime(leaf.last_modified) &&
      (leaf.lock === undefined || isLock(leaf.lock)) &&
      (leaf.told === undefined || hasOnly(leaf.told, ['runid', 'job', 'seq', 'prevsha256', 'time', 'outcome', 'blobs', 'run']))
    if (!isLeaf) throw new Failed('proof.unreadable', 'the leaf is in the log, and is none that this version can read')
    return leaf
  }

  function isLock(lock) {
    return (
      hasOnly(lock, ['mode', 'until', 'hold']) &&
      [undefined, 'COMPLIANCE', 'GOVERNANCE'].includes(lock.mode) &&
      (lock.until === undefined || isTime(lock.until)) &&
      [undefined, true].includes(lock.hold)
    )
  }

  async function readRecord(stored) {
    const bytes = await gunzip(stored)
    const text = bytes === undefined ? undefined : utf8(bytes)
    const record = text === undefined ? undefined : json(text)
    const isRecord =
      isObject(record) &&
      text === written(record) &&
      record.specversion === '1.0' &&
      record.dataschema === 'urn:hipaa-ci:schema:evidence:1' &&
      record.type === `hipaa-ci.${record.stream}.v1` &&
      [record.id, record.runid].every((id) => ULID.test(id)) &&
      isTime(record.time) &&
      [record.job, record.subject, record.source].every((one) => typeof one === 'string') &&
      Number.isSafeInteger(record.seq) &&
      isObject(record.data) &&
      Array.isArray(record.data.blobs) &&
      record.data.blobs.every((blob) => isObject(blob) && SHA256.test(blob.sha256)) &&
      ['pass', 'fail', 'warn', 'error'].includes(record.data.outcome)
    return isRecord ? record : undefined
  }

  /** A record has one form only: a member twice is read in one way by one reader and in another by the next. */
  function written(record) {
    return isDeeper(record, 100) ? undefined : `${JSON.stringify(record)}\n`
  }

  function isDeeper(value, levels) {
    if (typeof value !== 'object' || value === null) return false
    return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1))
  }

  /** One gzip member without extras, and nothing after it. */
  async function gunzip(bytes) {
    if (bytes.length < 18 || hex(bytes.subarray(0, 4)) !== '1f8b0800') return undefined
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8)
    const parts = []
    let size = 0
    try {
      const stream = new Blob([bytes.subarray(10, -8)]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
      const reader = stream.getReader()
      for (;;) {
        const {done, value} = await reader.read()
        if (done) break
        size += value.length
        if (size > MAX_RECORD) {
          await reader.cancel()
          return undefined
        }
        parts.push(value)
      }
    } catch {
      return undefined
    }
    const whole = joined(parts)
    return trailer.getUint32(0, true) === crc32(whole) && trailer.getUint32(4, true) === size ? whole : undefined
  }

  function crc32(bytes) {
    let crc = 0xffffffff
    for (const byte of bytes) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    }
    return (crc ^ 0xffffffff) >>> 0
  }

  /** It is the leaf that a sealer makes of the record: it lies where its own words belong, the leaf repeats them, and nothing was wrong. */
  function isOf(leaf, record) {
    const [, place, date, id, named] = RECORD_KEY.exec(leaf.key) ?? []
    const {runid, job, seq, prevsha256, time, data} = record
    const told = {runid, job, seq, prevsha256, time, outcome: data.outcome, blobs: data.blobs.map(({sha256: digest}) => digest)}
    if (record.stream === 'run') told.run = data.detail
    // A manifest that does not fit is left to the record.
    if (told.run !== undefined && new TextEncoder().encode(canonical({...leaf, told})).length > MAX_LEAF) told.run = 'too-large'
    return (
      id === record.id &&
      dateOf(id) === date &&
      place === record.stream &&
      named === leaf.sha256 &&
      leaf.stream === record.stream &&
      leaf.fault === undefined &&
      leaf.told !== undefined &&
      canonical(leaf.told) === canonical(told)
    )
  }

  /** RFC 8785; of numbers there are whole ones only. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
    if (!isObject(value)) return JSON.stringify(value)
    const names = Object.keys(value).filter((name) => value[name] !== undefined)
    return `{${names
      .toSorted()
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
      .join()}}`
  }

  function hasOnly(value, names) {
    return isObject(value) && Object.keys(value).every((name) => names.includes(name))
  }

  function isTime(text) {
    const time = TIME.test(text) ? new Date(text) : undefined
    return time !== undefined && !Number.isNaN(time.getTime()) && time.toISOString() === text
  }

  function dateOf(ulid) {
    let ms = 0
    for (const letter of ulid.slice(0, 10)) ms = ms * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter)
    return new Date(ms).toISOString().slice(0, 10)
  }

  async function readKeys(text, origin) {
    const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(text)
    if (pem !== null) {
      if (!origin) throw new Failed('usage.flag', 'a public key in PEM says nothing of the log that it signs for: name it')
      return [await openKey(origin, base64(pem[1].replaceAll(/\s/g, '')))]
    }
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
    if (lines.length === 0) throw new Failed('usage.flag', 'it is not said whose checkpoints count')
    return Promise.all(lines.map((line) => readVerifierKey(line.trim())))
  }

  async function readVerifierKey(text) {
    const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text)
    const bytes = match === null ? undefined : base64(match[3])
    const isNamed = bytes !== undefined && /^[^\s+\p{Z}]+$/u.test(match[1])
    const spki = !isNamed ? undefined : bytes[0] === 1 && bytes.length === 33 ? joined([unhex(ED25519_SPKI), bytes.subarray(1)]) : bytes.subarray(1)
    const key = await openKey(match?.[1] ?? '', spki)
    if (key.text !== text) throw new Failed('checkpoint.unreadable-key', 'this is not a verifier key')
    return key
  }

  /** @param spki SubjectPublicKeyInfo, DER */
  async function openKey(name, spki) {
    const form = spki === undefined ? '' : hex(spki)
    const isEd = form.startsWith(ED25519_SPKI) && spki.length === 44
    if (!isEd && !(form.startsWith(P256_SPKI) && spki.length === 91))
      throw new Failed('checkpoint.unreadable-key', 'this is neither an Ed25519 nor an ECDSA P-256 key of a log')
    const material = joined([Uint8Array.of(isEd ? 1 : 2), isEd ? spki.subarray(12) : spki])
    const id = hex(await sha256(isEd ? joined([new TextEncoder().encode(`${name}\n`), material]) : spki)).slice(0, 8)
    try {
      const key = await crypto.subtle.importKey('spki', spki, isEd ? 'Ed25519' : {name: 'ECDSA', namedCurve: 'P-256'}, false, ['verify'])
      return {name, id, algorithm: isEd ? 'Ed25519' : 'ECDSA', key, text: `${name}+${id}+${encoded(material)}`}
    } catch (error) {
      const why = error?.name === 'NotSupportedError' ? 'this browser does not know keys of this kind; take a newer one' : 'the key is none'
      throw new Failed('checkpoint.unreadable-key', why)
    }
  }

  /** Undefined where it is no UTF-8. */
  function utf8(bytes) {
    try {
      return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
    } catch {
      return undefined
    }
  }

  /** Undefined where it is not written in the one way it can be. */
  function base64(text) {
    try {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      return encoded(bytes) === text ? bytes : undefined
    } catch {
      return undefined
    }
  }

  function encoded(bytes) {
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    return btoa(text)
  }

  function json(text) {
    try {
      return JSON.parse(text)
    } catch {
      return undefined
    }
  }

  function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }

  async function sha256(...parts) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', joined(parts)))
  }

  function joined(parts) {
    const whole = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  function hex(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  function unhex(text) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  }

  return verify
})()
