/** `#rrggbb` in lower case, of `#rgb` too; `null`: no colour. Nothing else can stand in our style sheet. */
export function readColour(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (/^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase()
  if (!/^#[0-9a-f]{3}$/i.test(value)) return null
  return `#${[...value.slice(1).toLowerCase()].map((digit) => digit + digit).join('')}`
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const channels = (colour: string): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

/** WCAG 2.2, 1.4.3: 4.5 is what text needs. */
export function contrast(a: string, b: string): number {
  const [one, other] = [luminance(a), luminance(b)]
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

const TEXT_CONTRAST = 4.5
const [WHITE, BLACK] = ['#ffffff', '#000000']

/** White where it can be read, else black: on any colour one of the two reaches 4.58. */
export function textOn(fill: string): string {
  return contrast(WHITE, fill) >= TEXT_CONTRAST ? WHITE : BLACK
}

/** The colour as text on all of these: darker or lighter by as little as it takes. */
export function readableOn(colour: string, grounds: readonly string[]): string {
  const towards = grounds.every((ground) => luminance(ground) > 0.18) ? BLACK : WHITE
  for (let step = 0; step < 20; step += 1) {
    const mixed = mix(colour, towards, step / 20)
    if (grounds.every((ground) => contrast(mixed, ground) >= TEXT_CONTRAST)) return mixed
  }
  return towards
}

function mix(colour: string, other: string, share: number): string {
  const others = channels(other)
  const parts = channels(colour).map((value, at) => Math.round(value + ((others[at] ?? 0) - value) * share))
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** What is computed from one colour of a brand. */
export interface BrandColours {
  /** Of buttons and of what is chosen. */
  brand: string
  /** Text on it. */
  onBrand: string
  /** Links and focus rings on the grounds. */
  accent: string
}

/** Whatever the colour is, text on it and text in it can be read (WCAG 2.2, 1.4.3). */
export function coloursOf(brand: string, grounds: readonly string[]): BrandColours {
  return { brand, onBrand: textOn(brand), accent: readableOn(brand, grounds) }
}
