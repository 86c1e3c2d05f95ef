import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { count } from '../lib/format.js'

export interface ChartSeries {
  name: string
  values: number[]
  /** What stands for the whole time while nothing is pointed at: the sum, or for what cannot be added up the highest. */
  mostly?: 'highest'
}

const wholeOf = ({ values, mostly }: ChartSeries): string =>
  mostly === 'highest' ? `at most ${count(Math.max(0, ...values))}` : count(values.reduce((a, b) => a + b, 0))

export interface ChartProps {
  label: string
  times: Date[]
  /** Stacked on each other, the first one at the bottom. */
  series: ChartSeries[]
  interval: 'hour' | 'day'
}

const HEIGHT = 180
const COLOURS = 6
const STEP_SECONDS = { hour: 3_600, day: 86_400 }
const WHEN = {
  hour: new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }),
}

/** A canvas takes no `var()`: what the style sheet says now, for the theme of now. */
function colourOf(host: Element, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** Counts the changes of light and dark, so that what was drawn in the colours of before is drawn again. */
function useThemeChanges(): number {
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    const changed = () => setChanges((n) => n + 1)
    const system = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(changed)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    system.addEventListener('change', changed)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', changed)
    }
  }, [])
  return changes
}

/** Stacked bars over time. The same figures stand in a table for who cannot see them. */
export default function Chart({ label, times, series, interval }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const theme = useThemeChanges()
  const [at, setAt] = useState<number | null>(null)
  const data = JSON.stringify([times, series])
  useEffect(() => {
    const box = host.current
    if (!box) return
    const plot = new uPlot(optionsOf(box, series, interval, setAt), stacked(times, series), box)
    const resized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }))
    resized.observe(box)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
    // `data` is what the objects hold; the objects themselves are new at every render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [data, interval, theme])
  const shown = at === null ? null : times[at]
  return (
    <figure className="grid gap-2">
      <div ref={host} role="img" aria-label={label} className="chart h-[180px] w-full min-w-0 overflow-hidden" />
      <figcaption className="flex min-h-5 flex-wrap gap-x-3 gap-y-1 text-xs text-soft">
        {shown && <span className="text-ink">{WHEN[interval].format(shown)}</span>}
        {series.map((one, i) => (
          <span key={one.name} className="inline-flex items-center gap-1">
            <span className={`chart-colour-${(i % COLOURS) + 1} size-2 rounded-sm`} aria-hidden="true" />
            {one.name} <span className="text-ink">{at === null ? wholeOf(one) : count(one.values[at] ?? 0)}</span>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

/** The topmost is drawn first and reaches from the ground to its end: each later one covers what is not its own. */
function stacked(times: Date[], series: ChartSeries[]): uPlot.AlignedData {
  const sums = times.map(() => 0)
  const tops = series.map(({ values }) => values.map((value, i) => (sums[i] = (sums[i] ?? 0) + value)))
  return [times.map((time) => time.getTime() / 1000), ...tops.toReversed()]
}

function optionsOf(box: HTMLElement, series: ChartSeries[], interval: 'hour' | 'day', hover: (at: number | null) => void): uPlot.Options {
  const [line, text] = [colourOf(box, '--chart-line'), colourOf(box, '--chart-text')]
  const bars = uPlot.paths.bars!({ size: [0.7, 40], radius: 0.15 })
  const axis: uPlot.Axis = { stroke: text, font: '11px "Inter Variable", sans-serif', grid: { show: false }, ticks: { show: false } }

  return {
    width: box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      // Half a step more on both sides, or the first and the last bar are cut in the middle.
      x: { time: true, range: (_plot, min, max) => [min - STEP_SECONDS[interval] / 2, max + STEP_SECONDS[interval] / 2] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max) * 1.1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        values: (_plot, splits) => splits.map((at) => WHEN[interval].format(new Date(at * 1000))),
        space: interval === 'hour' ? 90 : 60,
      },
      {
        ...axis,
        size: 40,
        grid: { stroke: line, width: 1 },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000],
      },
    ],
    series: [
      {},
      ...series
        .map(({ name }, i): uPlot.Series => {
          const colour = colourOf(box, `--chart-${(i % COLOURS) + 1}`)
          return { label: name, fill: colour, stroke: colour, width: 0, paths: bars, points: { show: false } }
        })
        .toReversed(),
    ],
    hooks: { setCursor: [({ cursor }) => hover(cursor.idx ?? null)] },
  }
}
