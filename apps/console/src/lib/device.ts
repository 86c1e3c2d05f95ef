const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Firefox\/|FxiOS/, 'Firefox'],
  [/HeadlessChrome|Chrome\/|CriOS/, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/okhttp|Dalvik/, 'Android app'],
  [/CFNetwork|Darwin/, 'iOS app'],
  [/curl\//, 'curl'],
  [/node|undici/i, 'Node.js'],
  [/python/i, 'Python'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** `Chrome on macOS`, from what the client said of itself: a hint for a person, never a fact to decide by. */
export function deviceName(userAgent: string | null): string {
  if (!userAgent) return 'Unknown device'
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1]
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (browser && system) return `${browser} on ${system}`
  return browser ?? system ?? userAgent.split(/[ /]/)[0] ?? 'Unknown device'
}

/** Where an address is, as far as the address itself says it. */
export function placeOf(ip: string | null): string {
  if (!ip) return 'No address kept'
  if (/^(127\.|::1$)/.test(ip)) return 'This machine'
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd])/i.test(ip)) return 'Private network'
  return ip.includes(':') ? 'Internet (IPv6)' : 'Internet (IPv4)'
}

/** The same from what the server read in it. */
export const sayDevice = ({ browser, system }: { browser: string | null; system: string | null }): string | null =>
  browser && system ? `${browser} on ${system}` : (browser ?? system)
