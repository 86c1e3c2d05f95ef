import { deviceFamilies } from '@portico/kernel/device-print'

const LONGEST = 60

/** What its owner may recognise a device by; the names are the same in every language. */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null) return '–'
  const known = deviceFamilies(userAgent).filter((name) => name !== undefined)
  return known.length === 0 ? [...userAgent].slice(0, LONGEST).join('') : known.join(' · ')
}
