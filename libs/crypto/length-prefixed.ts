/**
 * Joins texts so that two different lists never give the same bytes: each part is its UTF-8 length (4 bytes, big endian) and its bytes.
 * With a plain separator `['a|b']` and `['a', 'b']` would be one input, and one token or one sealed value would pass for the other.
 */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  const chunks: Buffer[] = []
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8')
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.length)
    chunks.push(length, bytes)
  }
  return Buffer.concat(chunks)
}
