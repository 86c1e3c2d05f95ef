import type { Branding, BrandFont } from './branding.js'

/** The look of a project that has chosen none, on pages as in mails. */
const OURS = { light: '#2f4fd8', dark: '#4461e6', radius: 8, font: 'system' } as const

const FONT_STACKS: Readonly<Record<BrandFont, string>> = {
  system: 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif',
  humanist: 'Seravek,"Gill Sans Nova",Ubuntu,Calibri,"DejaVu Sans",source-sans-pro,sans-serif',
  geometric: 'Avenir,Montserrat,Corbel,"URW Gothic",source-sans-pro,sans-serif',
  serif: 'Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif',
  slab: 'Rockwell,"Rockwell Nova","Roboto Slab","DejaVu Serif",serif',
  mono: 'ui-monospace,"Cascadia Code","Source Code Pro",Menlo,Consolas,monospace',
}

/** The colours, corners and letters that pages and mails are drawn with. */
export interface BrandLook {
  light: string
  dark: string
  /** Pixels. */
  radius: number
  /** A list of fonts as CSS has it. */
  font: string
}

type Chosen = Pick<Branding, 'colour' | 'colour_dark' | 'radius' | 'font'>

export function brandLook({ colour, colour_dark: dark, radius, font }: Chosen): BrandLook {
  return {
    light: colour ?? OURS.light,
    dark: dark ?? colour ?? OURS.dark,
    radius: radius ?? OURS.radius,
    font: FONT_STACKS[font ?? OURS.font],
  }
}
