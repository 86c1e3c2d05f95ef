import type { ReadImage } from './written-image.js'

/** Baseline and progressive, as browsers and mail programs draw them. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2])
const [SOI, EOI, SOS, DHT, DQT, DRI, APP0, APP14] = [0xd8, 0xd9, 0xda, 0xc4, 0xdb, 0xdd, 0xe0, 0xee]
/** Adobe's says how the colours are written. The others hold places, cameras, previews and texts. */
const KEPT = new Set<number>([...FRAMES, DHT, DQT, DRI, APP0, APP14])

export const isJpeg = (bytes: Buffer): boolean => bytes.length > 3 && bytes[0] === 0xff && bytes[1] === SOI && bytes[2] === 0xff

/**
 * Walks a JPEG and writes it again segment by segment: what is no part of the picture (Exif and its places, comments, whatever stands
 * behind its end) is left out. `null`: it is broken or too large.
 */
export function rewriteJpeg(bytes: Buffer, allowed: (width: number, height: number) => boolean): ReadImage | null {
  const written: Buffer[] = [bytes.subarray(0, 2)]
  let size: { width: number; height: number } | null = null
  for (let at = 2; at + 2 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null
    const marker = bytes[at + 1] ?? 0
    // Fill bytes may stand before a marker (T.81, B.1.1.2).
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === EOI) return size === null || written.length < 4 ? null : finished(written, size)
    if (at + 4 > bytes.length) return null
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length || end < at + 4) return null
    if (FRAMES.has(marker)) {
      if (size !== null || end - at < 10) return null
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
      if (!allowed(size.width, size.height)) return null
    }
    if (marker === SOS) {
      if (size === null) return null
      const next = endOfScan(bytes, end)
      if (next === null) return null
      written.push(bytes.subarray(at, next))
      at = next
      continue
    }
    // Another kind of frame (arithmetic, lossless), which nothing draws.
    if (marker >= 0xc0 && marker <= 0xcf && !KEPT.has(marker)) return null
    if (KEPT.has(marker)) written.push(bytes.subarray(at, end))
    at = end
  }
  return null
}

/** Where the next marker stands: in a scan 0xff is followed by 0 or a restart mark (T.81, B.1.1.5). */
function endOfScan(bytes: Buffer, from: number): number | null {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at
  }
  return null
}

const finished = (written: readonly Buffer[], size: { width: number; height: number }): ReadImage => ({
  type: 'image/jpeg',
  ...size,
  bytes: Buffer.concat([...written, Buffer.from([0xff, EOI])]),
})
