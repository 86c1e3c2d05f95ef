const MASTER_KEY = /^[A-Za-z0-9+/]{43}=$/

/**
 * The 32 bytes of a master key in standard, padded base64, or `null` when it is anything else.
 * Strict on purpose: Node's decoder drops what it does not know, and a mistyped key would become another, shorter key.
 */
export function parseMasterKey(text: string): Buffer | null {
  if (!MASTER_KEY.test(text)) return null
  const key = Buffer.from(text, 'base64')
  return key.length === 32 && key.toString('base64') === text ? key : null
}
