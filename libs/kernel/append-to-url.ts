const PRINTABLE = /^[\x21-\x7e]+$/
const BARE_ORIGIN = /^(https?:\/\/[^/?#]+)(?=[?#]|$)/i

/**
 * The URL with our fields behind its own, as text: nothing of the app's is decoded, encoded again, put in another order or replaced, since
 * an app may sign its address or read it in a way of its own. A field that the app has too then stands there twice, ours last. Before a
 * fragment: a hash route stays whole. What no header could carry (a setting with a space or a letter like é) is written as the URL parser
 * writes it.
 */
export function appendToUrl(url: string, fields: Readonly<Record<string, string>>): string {
  const text = (PRINTABLE.test(url) ? url : new URL(url).href).replace(BARE_ORIGIN, '$1/')
  const hash = text.indexOf('#')
  const head = hash < 0 ? text : text.slice(0, hash)
  const between = !head.includes('?') ? '?' : /[?&]$/.test(head) ? '' : '&'
  return `${head}${between}${new URLSearchParams(fields)}${text.slice(head.length)}`
}
