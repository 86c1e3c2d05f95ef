/** What a `User-Agent` says of a device, for people to recognise their own by. Whoever sends it may say anything. */
export interface Device {
  /** With its major version where one is said; a program's own name where it is no browser. */
  browser: string | null
  system: string | null
}

// The first that is found: most browsers call themselves Chrome and Safari too.
const BROWSERS: readonly [name: string, mark: RegExp][] = [
  ['Edge', /\b(?:Edg|EdgA|EdgiOS)\/(\d+)/],
  ['Opera', /\b(?:OPR|OPT)\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Vivaldi', /\bVivaldi\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//],
]

const SYSTEMS: readonly [name: string, mark: RegExp][] = [
  ['Windows', /\bWindows NT\b/],
  ['iPadOS', /\biPad\b/],
  ['iOS', /\b(?:iPhone|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac ?OS ?X\b|\bMacintosh\b|\bDarwin\b/],
  ['Linux', /\bLinux\b/],
]

/** `okhttp/4.12.0`, `curl/8.5.0`: the first product (RFC 9110, 10.1.5). */
const PRODUCT = /^([\w.+-]{1,40})(?:\/(\d+))?/

export function readUserAgent(userAgent: string | null): Device {
  const text = userAgent?.slice(0, 500) ?? ''
  const system = SYSTEMS.find(([, mark]) => mark.test(text))?.[0] ?? null
  for (const [name, mark] of BROWSERS) {
    const version = mark.exec(text)?.[1]
    if (version) return { browser: `${name} ${version}`, system }
  }
  const product = text.startsWith('Mozilla/') ? null : PRODUCT.exec(text)
  return { browser: product ? [product[1], product[2]].filter(Boolean).join(' ') : null, system }
}
