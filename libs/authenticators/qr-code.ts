import encodeQr from 'qr'

/** The text as a QR code in a standalone SVG document without scripts or outside references. */
export function qrSvg(text: string): string {
  return encodeQr(text, 'svg', { ecc: 'medium' })
}
