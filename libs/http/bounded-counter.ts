import type { Counter } from 'prom-client'

/** Values of one label that are told apart. What the product says itself has far fewer. */
const MOST_VALUES = 100
const OTHERS = 'other'

/** Counts by labels. */
export interface LabelCounter {
  inc(labels: Readonly<Record<string, string>>): void
}

/**
 * A counter whose labels may bear what somebody outside says, such as the reply of a customer's mail server: each new value would be a
 * series that the process keeps, and whoever scrapes it, for ever (`smtp_550_5.x.y` alone has a million). Beyond a bound they are one.
 */
export function bounded(counter: Counter): LabelCounter {
  const known = new Map<string, Set<string>>()
  const valueOf = (label: string, value: string): string => {
    let values = known.get(label)
    if (!values) known.set(label, (values = new Set()))
    if (values.has(value)) return value
    if (values.size >= MOST_VALUES) return OTHERS
    values.add(value)
    return value
  }
  return {
    inc: (labels) => counter.inc(Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, valueOf(label, value)]))),
  }
}
