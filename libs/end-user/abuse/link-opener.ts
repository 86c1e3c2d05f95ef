/**
 * What tells a mail scanner from a person, as far as a request does. Never decides what a link is worth: opening one spends nothing anyway.
 */
export interface LinkRequest {
  method: string
  headers: Readonly<Record<string, string | string[] | undefined>>
}

// Link checkers of mail providers and security gateways, chat previews, and plain HTTP libraries.
const SCANNERS =
  /(barracuda|mimecast|proofpoint|urldefense|safelinks|symantec|trendmicro|fireeye|forcepoint|messagelabs|cisco|ironport|sophos|zscaler|googleimageproxy|bingpreview|skypeuripreview|slackbot|linkexpanding|discordbot|telegrambot|whatsapp|facebookexternalhit|twitterbot|linkedinbot|bot\b|crawler|spider|scanner|headless|phantomjs|curl\/|wget\/|python-|java\/|go-http-client|okhttp|libwww|axios|node-fetch|undici|^node$)/i

/** Why a `GET` or `HEAD` of a mailed link looks like a scanner's; `null` when it looks like a person's. */
export function scannerReason({ method, headers }: LinkRequest): string | null {
  if (method === 'HEAD') return 'head_request'
  const agent = text(headers['user-agent'])
  if (agent === '') return 'no_user_agent'
  if (SCANNERS.test(agent)) return 'known_scanner'
  if (text(headers['sec-purpose']).includes('prefetch') || text(headers['purpose']) === 'prefetch') return 'prefetch'
  const mode = text(headers['sec-fetch-mode'])
  if (mode !== '' && mode !== 'navigate') return 'not_a_navigation'
  const destination = text(headers['sec-fetch-dest'])
  return destination !== '' && destination !== 'document' ? 'not_a_document' : null
}

/**
 * Why the form of our page was not sent by a person's click or key; `null` when it may have been. Browsers say `Sec-Fetch-User: ?1` only
 * for navigations that a person caused, so a script that submits the form gives itself away. Clients without these headers are taken at
 * their word.
 */
export function autoSubmitReason({ headers }: Pick<LinkRequest, 'headers'>): string | null {
  const site = text(headers['sec-fetch-site'])
  // Our pages send no referrer, so their forms have the origin `null`: a named one of another host is somebody else's form.
  if (site === '') return isOtherHost(text(headers['origin']), text(headers['host'])) ? 'other_origin' : null
  if (site !== 'same-origin') return 'other_origin'
  if (text(headers['sec-fetch-mode']) !== 'navigate') return 'not_a_navigation'
  return text(headers['sec-fetch-user']) === '?1' ? null : 'no_person'
}

function isOtherHost(origin: string, host: string): boolean {
  return origin !== '' && origin !== 'null' && origin.replace(/^https?:\/\//, '').toLowerCase() !== host.toLowerCase()
}

function text(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
