import { isIP } from 'node:net'

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]
const OTHER = '–'

/**
 * What a device is known by to whoever wants to hear of new ones: family of browser and system, and the /24 (IPv6: /48) that it calls from.
 * Coarse on purpose: a new version of the browser and another address of the same provider are no new device, and nothing finer is kept.
 * The same text stands in the notice, so it has nothing but names and numbers.
 */
export function devicePrint({ userAgent, ip }: { userAgent: string | null; ip: string | null }): string {
  const [browser = OTHER, system = OTHER] = deviceFamilies(userAgent)
  return [browser, system, networkOf(ip)].join(' · ')
}

/** Family of the browser and of the system, as far as the header says; the names are the same in every language. */
export function deviceFamilies(userAgent: string | null): [browser: string | undefined, system: string | undefined] {
  const familyOf = (table: typeof BROWSERS) => table.find(([pattern]) => userAgent !== null && pattern.test(userAgent))?.[1]
  return [familyOf(BROWSERS), familyOf(SYSTEMS)]
}

function networkOf(ip: string | null): string {
  if (ip === null || isIP(ip) === 0) return OTHER
  if (isIP(ip) === 4) return `${ip.split('.').slice(0, 3).join('.')}.0/24`
  const [head = '', tail] = (ip.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/48`
}
