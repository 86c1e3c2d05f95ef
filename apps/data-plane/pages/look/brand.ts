import type { ProjectRecord } from '@portico/database/project-directory'
import type { BrandStyle } from './style.js'

/** How a project's pages look. */
export interface Brand {
  name: string
  style: BrandStyle
  poweredBy: boolean
}

const FONT = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif'

export function brandOf(project: ProjectRecord): Brand {
  return {
    name: project.name,
    poweredBy: true,
    style: {
      light: { brand: '#2f4fd8', onBrand: '#fff', accent: '#2f4fd8' },
      dark: { brand: '#4f6ef0', onBrand: '#fff', accent: '#9db0ff' },
      radius: '.5rem',
      font: FONT,
    },
  }
}
