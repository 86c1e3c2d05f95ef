import { RANGES, type Range } from '../api/stats.js'
import { Choice } from './choice.js'

const CHOICES = (Object.keys(RANGES) as Range[]).map((range) => [range, RANGES[range].label] as const)

export function RangeChoice({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  return <Choice label="Time" choices={CHOICES} value={value} onChange={onChange} />
}
