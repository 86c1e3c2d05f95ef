import type { CookieAnswer } from './cookie-routes.js'

export function webResponse({ status, headers, setCookies, body }: CookieAnswer): Response {
  const all = new Headers(headers)
  for (const line of setCookies) all.append('Set-Cookie', line)
  return new Response(body === '' ? null : body, { status, headers: all })
}
