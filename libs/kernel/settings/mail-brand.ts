import { brandImageUrl, readBrandImageName, type Branding, type BrandFont } from './branding.js'

/** What a mail shows of a project's look. Plain values: they are stored with the first try, so that each try is the same bytes. */
export interface MailBrand {
  /** What people know the app as. */
  name: string
  colour?: string
  colourDark?: string
  radius?: number
  font?: BrandFont
  logo?: MailPicture
  icon?: MailPicture
  termsUrl?: string
  privacyUrl?: string
  supportUrl?: string
}

export interface MailPicture {
  url: string
  width: number
  height: number
}

export function mailBrand(projectName: string, branding: Branding, authUrl: string): MailBrand {
  const { name = projectName, colour, colour_dark: colourDark, radius, font } = branding
  const { terms_url: termsUrl, privacy_url: privacyUrl, support_url: supportUrl } = branding
  const [logo, icon] = [picture(branding.logo, authUrl), picture(branding.icon, authUrl)]
  return {
    name,
    ...(colour !== undefined && { colour }),
    ...(colourDark !== undefined && { colourDark }),
    ...(radius !== undefined && { radius }),
    ...(font !== undefined && { font }),
    ...(logo && { logo }),
    ...(icon && { icon }),
    ...(termsUrl !== undefined && { termsUrl }),
    ...(privacyUrl !== undefined && { privacyUrl }),
    ...(supportUrl !== undefined && { supportUrl }),
  }
}

function picture(name: string | undefined, authUrl: string): MailPicture | null {
  const size = name === undefined ? null : readBrandImageName(name)
  return name === undefined || size === null ? null : { url: brandImageUrl(authUrl, name), ...size }
}
