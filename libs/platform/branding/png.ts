import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { ReadImage } from './written-image.js'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
// What a picture is made of. Everything else (texts, profiles, animation, what other programs keep there) is left out.
const KEPT = new Set(['PLTE', 'tRNS', 'gAMA', 'sRGB'])
/** Samples of a pixel, by colour type (PNG, 11.2.1). */
const SAMPLES: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
}

export const isPng = (bytes: Buffer): boolean => bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)

/**
 * Reads a PNG whole and writes it again: its picture is unpacked to exactly the bytes that its size says (a bomb is stopped there) and
 * packed by us, so nothing of the file but the picture is served. `null`: it is broken, too large, or interlaced.
 */
export function rewritePng(bytes: Buffer, allowed: (width: number, height: number) => boolean): ReadImage | null {
  const chunks = readChunks(bytes)
  const header = chunks?.[0]
  if (!chunks || header?.type !== 'IHDR' || header.data.length !== 13) return null
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)]
  const [depth, colour, compression, filter, interlace] = header.data.subarray(8)
  const kind = SAMPLES[colour ?? -1]
  if (!kind?.depths.includes(depth ?? 0) || compression !== 0 || filter !== 0 || interlace !== 0 || !allowed(width, height)) return null
  const palette = chunks.find(({ type }) => type === 'PLTE')
  if (colour === 3 && palette === undefined) return null
  const size = height * (1 + Math.ceil((width * kind.samples * (depth ?? 0)) / 8))
  const pixels = inflateExactly(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)), size)
  if (pixels === null) return null
  const kept = chunks.filter(({ type }) => KEPT.has(type))
  const written = [header, ...kept, { type: 'IDAT', data: deflateSync(pixels, { level: 9 }) }, { type: 'IEND', data: Buffer.alloc(0) }]
  return { type: 'image/png', width, height, bytes: Buffer.concat([SIGNATURE, ...written.map(writeChunk)]) }
}

interface Chunk {
  type: string
  data: Buffer
}

function readChunks(bytes: Buffer): Chunk[] | null {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const end = at + 8 + length
    if (length > bytes.length || end + 4 > bytes.length) return null
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (bytes.readUInt32BE(end) !== crc32(bytes.subarray(at + 4, end))) return null
    if (type === 'IEND') return chunks
    chunks.push({ type, data: bytes.subarray(at + 8, end) })
    at = end + 4
  }
  return null
}

function writeChunk({ type, data }: Chunk): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(type, 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

function inflateExactly(packed: Buffer, size: number): Buffer | null {
  try {
    const pixels = inflateSync(packed, { maxOutputLength: size })
    return pixels.length === size ? pixels : null
  } catch {
    return null
  }
}
