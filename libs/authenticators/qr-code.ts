import encodeQr from 'qr'

/**
 * The text as a QR code in a standalone SVG document without scripts or outside references. Dark modules side by side are one stroke: a
 * third of the bytes of a square for each, in a page that is to be small.
 */
export function qrSvg(text: string): string {
  const rows = encodeQr(text, 'raw', { ecc: 'medium' })
  const strokes = rows.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}.5h${length}`)).join('')
  return `<svg viewBox="0 0 ${rows.length} ${rows.length}" xmlns="http://www.w3.org/2000/svg"><path stroke="#000" d="${strokes}"/></svg>`
}

/** Where dark modules begin, and how many there are. */
function runsOf(row: readonly boolean[]): [x: number, length: number][] {
  const runs: [number, number][] = []
  for (const [x, dark] of row.entries()) {
    const last = runs.at(-1)
    if (dark && last && last[0] + last[1] === x) last[1] += 1
    else if (dark) runs.push([x, 1])
  }
  return runs
}
