/** The forms in which a value could still stand in stored bytes: as it is, without its notation, encoded, escaped. */
export function formsOf(value: string): readonly string[] {
  const digits = value.replaceAll(/\D/g, '')
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value).toString('base64').replaceAll('=', ''),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    // Of a number that is grouped; a short one stands in ids and times by accident.
    ...(digits.length >= 9 && /^[\d\W]+$/.test(value) ? [digits] : []),
  ]
  return [...new Set(forms)]
}
