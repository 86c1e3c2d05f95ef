/**
 * Schemes that are no app of the customer's: they run or show what stands in them (`javascript:`, `data:`), read the device, start another
 * program, or mean the web, which has rules of its own. A private one can still be claimed by any app of a device (RFC 8252, 8.1): what is
 * sent there must be useless without a proof key.
 */
const NOT_AN_APP =
  /^(https?.*|wss?|ftps?|file|filesystem|blob|data|about|javascript|vbscript|livescript|mocha|mailto|tel|sms|view-source|jar|feed|cid|mid|urn|intent|android-app|market|chrome.*|moz-extension|safari.*|edge|opera|brave|resource|ms-.*|search-ms|shell|ldaps?|gopher|telnet|ssh|git|rtsp|res|x-javascript|wyciwyg|pcast|itms.*|content)$/

/** RFC 3986 in lower case; with `/` behind the colon, so that nothing can stand for another scheme inside it. */
const APP_URL = /^([a-z][a-z0-9+.-]{1,62}):\/[\w.~!$&'()+,;=:%/?-]*$/

/** Whether this leads into an app by a scheme of its own: `myapp://callback`, `com.example.app:/callback`. */
export function isAppUrl(value: string): boolean {
  const scheme = APP_URL.exec(value)?.[1]
  if (scheme === undefined || value.length > 2_048 || NOT_AN_APP.test(scheme)) return false
  // Written as the URL parser would write it: no reader downstream takes another address from it.
  return URL.canParse(value) && new URL(value).href === value
}
