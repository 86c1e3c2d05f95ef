import { isJpeg, rewriteJpeg } from './jpeg.js'
import { isPng, rewritePng } from './png.js'
import type { ReadImage } from './written-image.js'

export const IMAGE_KINDS = ['logo', 'icon'] as const
export type ImageKind = (typeof IMAGE_KINDS)[number]

export const LARGEST_IMAGE_BYTES = 262_144
const MOST_PIXELS: Readonly<Record<ImageKind, number>> = { logo: 2_048, icon: 1_024 }
const FEWEST_PIXELS = 16

export type ImageProblem = 'too_large' | 'unknown_type' | 'svg' | 'broken' | 'not_square'

/**
 * What an uploaded picture is, by its bytes and never by its name, written anew by us. PNG and JPEG alone: every browser and mail program
 * draws them, and neither can hold a script. An SVG is a document that can, and no filter has kept up with browsers for long, so none is
 * taken.
 */
export function readImage(kind: ImageKind, given: Buffer): ReadImage | ImageProblem {
  if (given.length > LARGEST_IMAGE_BYTES) return 'too_large'
  const most = MOST_PIXELS[kind]
  const inRange = (side: number) => side >= FEWEST_PIXELS && side <= most
  const allowed = (width: number, height: number) => inRange(width) && inRange(height)
  const image = isPng(given) ? rewritePng(given, allowed) : isJpeg(given) ? rewriteJpeg(given, allowed) : undefined
  if (image === undefined) return looksLikeMarkup(given) ? 'svg' : 'unknown_type'
  if (image === null) return 'broken'
  if (kind === 'icon' && image.width !== image.height) return 'not_square'
  return image.bytes.length > LARGEST_IMAGE_BYTES ? 'too_large' : image
}

const looksLikeMarkup = (given: Buffer) => /^[\s\ufeff\0]*</.test(given.subarray(0, 256).toString('utf8'))

export const IMAGE_PROBLEMS: Readonly<Record<ImageProblem, string>> = {
  too_large: 'A picture has at most 256 KB.',
  unknown_type: 'A picture is a PNG or JPEG file.',
  svg: 'SVG is not taken, since it can hold scripts: export it as PNG.',
  broken: 'This file is damaged, interlaced, or larger or smaller than it may be: 16 to 2,048 pixels a side for a logo, 16 to 1,024 for an icon.',
  not_square: 'An icon is as wide as it is high.',
}
