import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { LARGEST_IMAGE_BYTES, readImage } from './read-image.js'

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const header = (width: number, height: number, { depth = 8, colour = 0, interlace = 0 } = {}) => {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width)
  data.writeUInt32BE(height, 4)
  data.set([depth, colour, 0, 0, interlace], 8)
  return chunk('IHDR', data)
}
const pixels = (width: number, height: number) => chunk('IDAT', deflateSync(Buffer.alloc(height * (1 + width))))
const END = chunk('IEND', Buffer.alloc(0))
const png = (width = 64, height = 64, more: Buffer[] = []) =>
  Buffer.concat([SIGNATURE, header(width, height), ...more, pixels(width, height), END])

const segment = (marker: number, data: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}
const frame = (width: number, height: number) => {
  const data = Buffer.alloc(15)
  data[0] = 8
  data.writeUInt16BE(height, 1)
  data.writeUInt16BE(width, 3)
  return segment(0xc0, data)
}
const scan = Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56])])
const jpeg = (more: Buffer[] = [], width = 64, height = 64, tail = Buffer.alloc(0)) =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8]), ...more, segment(0xdb, Buffer.alloc(65)), frame(width, height), segment(0xc4, Buffer.alloc(20)), scan,
    Buffer.from([0xff, 0xd9]), tail,
  ])

const SCRIPT = '<script>alert(1)</script>'
const text = (value: string) => Buffer.from(value)
const broken = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(png())
  change(bytes)
  return bytes
}

describe('what is no picture of ours to serve', () => {
  test.each<[string, Buffer, string]>([
    ['an SVG with a script', text(`<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`), 'svg'],
    ['an SVG that seems harmless', text('<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'), 'svg'],
    ['an SVG behind a declaration', text('\ufeff  <?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>'), 'svg'],
    ['a page', text('<!doctype html><script>alert(1)</script>'), 'svg'],
    ['UTF-16 markup', Buffer.from(`\ufeff<svg onload=alert(1)>`, 'utf16le'), 'unknown_type'],
    ['text', text('hello, this is no picture'), 'unknown_type'],
    ['a GIF', Buffer.concat([text('GIF89a'), Buffer.alloc(64)]), 'unknown_type'],
    ['a GIF that is a script', text('GIF89a/*'.padEnd(64, ' ') + '*/=1;alert(1)'), 'unknown_type'],
    ['a WebP', Buffer.concat([text('RIFF0000WEBPVP8 '), Buffer.alloc(64)]), 'unknown_type'],
    ['a PDF', text('%PDF-1.7'), 'unknown_type'],
    ['a zip', text('PK\u0003\u0004'), 'unknown_type'],
    ['nothing', Buffer.alloc(0), 'unknown_type'],
    ['a PNG by its first bytes alone', Buffer.concat([SIGNATURE, text(SCRIPT)]), 'broken'],
    ['a PNG without pixels', Buffer.concat([SIGNATURE, header(64, 64), END]), 'broken'],
    ['a PNG without an end', png().subarray(0, -12), 'broken'],
    ['a PNG with a wrong sum', broken((bytes) => (bytes[29] = (bytes[29] ?? 0) ^ 1)), 'broken'],
    ['a chunk longer than the file', broken((bytes) => void bytes.writeUInt32BE(0x7fffffff, 33)), 'broken'],
    ['fewer pixels than said', Buffer.concat([SIGNATURE, header(64, 64), pixels(64, 63), END]), 'broken'],
    ['a bomb: more pixels than said', Buffer.concat([SIGNATURE, header(64, 64), chunk('IDAT', deflateSync(Buffer.alloc(50_000_000))), END]), 'broken'],
    ['a bomb: a size that nobody can draw', Buffer.concat([SIGNATURE, header(60_000, 60_000), pixels(64, 64), END]), 'broken'],
    ['a side of nothing', Buffer.concat([SIGNATURE, header(0, 64), pixels(0, 64), END]), 'broken'],
    ['a pixel to count visitors', png(1, 1), 'broken'],
    ['an interlaced PNG', Buffer.concat([SIGNATURE, header(64, 64, { interlace: 1 }), pixels(64, 64), END]), 'broken'],
    ['a palette that is missing', Buffer.concat([SIGNATURE, header(64, 64, { colour: 3 }), pixels(64, 64), END]), 'broken'],
    ['an unknown colour', Buffer.concat([SIGNATURE, header(64, 64, { colour: 5 }), pixels(64, 64), END]), 'broken'],
    ['a JPEG without an end', jpeg().subarray(0, -2), 'broken'],
    ['a JPEG without a picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), 'broken'],
    ['a JPEG of 65,535 pixels', jpeg([], 65_535, 65_535), 'broken'],
    ['a lossless JPEG', Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xc3, Buffer.alloc(15)), Buffer.from([0xff, 0xd9])]), 'broken'],
    ['a segment longer than the file', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0]), 'broken'],
    ['more than 256 KB', Buffer.concat([png(), Buffer.alloc(LARGEST_IMAGE_BYTES)]), 'too_large'],
  ])('%s', (_what, bytes, problem) => {
    expect(readImage('logo', bytes)).toBe(problem)
  })

  test('a long icon', () => {
    expect([readImage('icon', png(64, 32)), readImage('logo', png(64, 32))]).toEqual(['not_square', expect.objectContaining({ width: 64 })])
  })
})

describe('what else was in the file is not served', () => {
  const hidden = [
    ['a text of a PNG', png(64, 64, [chunk('tEXt', text(`Comment\0${SCRIPT}`))])],
    ['a profile of a PNG', png(64, 64, [chunk('iCCP', text(SCRIPT))])],
    ['where a photograph was taken', png(64, 64, [chunk('eXIf', text(SCRIPT))])],
    ['an animation', png(64, 64, [chunk('acTL', Buffer.alloc(8)), chunk('fdAT', text(SCRIPT))])],
    ['behind the end of a PNG', Buffer.concat([png(), text(SCRIPT)])],
    ['a comment of a JPEG', jpeg([segment(0xfe, text(SCRIPT))])],
    ['Exif of a JPEG', jpeg([segment(0xe1, text(`Exif\0\0${SCRIPT}`))])],
    ['behind the end of a JPEG', jpeg([], 64, 64, text(SCRIPT))],
  ] as const
  test.each(hidden)('%s', (_what, bytes) => {
    const image = readImage('logo', bytes)
    if (typeof image === 'string') throw new Error(image)
    expect(image.bytes.includes('script')).toBe(false)
    // It is still a picture, and reads as itself: the name that it gets stays the same.
    const again = readImage('logo', image.bytes)
    expect(again).toEqual(image)
  })
})
