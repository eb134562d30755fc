/** Pairs: `{"name": "db.password", "value": "…"}` says by its name what its value is. */

export function isNaming(key: string): boolean {
  return /^(?:name|key|label|field|property|variable)$/i.test(key)
}

export function isValue(key: string): boolean {
  return /^(?:value|val|content|data|text)$/i.test(key)
}
