import { duration } from '../../lib/format.js'
import { isSeconds } from './setting-groups.js'

/** A value as a sentence can hold it. */
export function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return isSeconds(name) ? duration(value) : String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ')
  return typeof value === 'object' ? 'see below' : String(value)
}

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
