export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

// RFC 3986: what may stand in a URL without being encoded. None of it ends an attribute or a line.
const URL_CHARACTERS = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/

/**
 * A link goes out with http or https only; as it was written where that is safe, since an app may depend on every character, else in its
 * serialised form.
 */
export function safeUrl(url: string): string {
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new Error('a mailed link must be http or https')
  return URL_CHARACTERS.test(url) ? url : parsed.href
}
