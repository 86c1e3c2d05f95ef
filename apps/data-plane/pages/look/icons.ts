import { rawHtml, type SafeHtml } from '@portico/http/html-page'

const LINES = 'fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'

const icon = (body: string, more = LINES): SafeHtml => rawHtml(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" ${more}>${body}</svg>`)

export const KEY_ICON = icon(`<circle cx="9" cy="8" r="4"/><path d="M3 20c0-3.3 2.7-6 6-6 1 0 2 .2 2.800.7"/><circle cx="17.500" cy="13"
r="2.500"/><path d="M17.500 15.500V22l2-1.500"/>`)
export const MAIL_ICON = icon(`<rect x="3" y="5" width="18" height="14" rx="2.500"/><path d="m4 7 8 6 8-6"/>`)
export const CHECK_ICON = icon(`<path d="m5 12.500 4.500 4.500L19 7.500"/>`)
export const CROSS_ICON = icon(`<path d="M12 7v6M12 16.500v.100"/><circle cx="12" cy="12" r="9"/>`)

// Each is the mark that its owner publishes for this use, in few points.
const MARKS: Readonly<Record<string, SafeHtml>> = {
  google: icon(
    `<path fill="#4285F4" d="M23 12.300c0-.8-.1-1.600-.2-2.300H12v4.400h6.200a5.300 5.300 0 0 1-2.300 3.500v2.900h3.700c2.200-2 3.400-5
3.400-8.500z"/><path fill="#34A853" d="M12 23.500c3.100 0 5.700-1 7.600-2.800l-3.700-2.900c-1 .7-2.300 1.100-3.900 1.100-3
0-5.500-2-6.400-4.700H1.800v3A11.500 11.500 0 0 0 12 23.500z"/><path fill="#FBBC05" d="M5.600 14.200a7 7 0 0 1 0-4.400v-3H1.800a11.500
11.500 0 0 0 0 10.400z"/><path fill="#EA4335" d="M12 5.100c1.700 0 3.200.6 4.400 1.700l3.300-3.300A11.500 11.500 0 0 0 1.800 6.800l3.800
3C6.500 7.100 9 5.100 12 5.100z"/>`,
    '',
  ),
  github: icon(
    `<path d="M12 .8a11.300 11.300 0 0 0-3.600
22c.6.1.8-.2.8-.5v-2c-3.100.700-3.800-1.400-3.800-1.400-.5-1.300-1.300-1.700-1.300-1.700-1-.7.100-.7.100-.7 1.200.1 1.800 1.200 1.800
1.200 1 1.800 2.700 1.300 3.300 1 .1-.8.400-1.300.7-1.600-2.500-.3-5.200-1.300-5.200-5.700 0-1.200.5-2.300 1.200-3-.1-.3-.5-1.500.1-3 0
0 1-.3 3.100 1.100a10.600 10.600 0 0 1 5.700 0c2.100-1.400 3.100-1.100 3.100-1.100.6 1.500.2 2.700.1 3 .7.7 1.200 1.800 1.200 3 0
4.400-2.700 5.400-5.200 5.700.4.300.8 1 .8 2.100v3.100c0 .3.2.7.8.5A11.300 11.300 0 0 0 12 .8z"/>`,
    'fill="currentColor"',
  ),
  microsoft: icon(`<path fill="#F25022" d="M2 2h9.500v9.500H2z"/><path fill="#7FBA00" d="M12.500 2H22v9.500h-9.500z"/><path
fill="#00A4EF" d="M2 12.500h9.500V22H2z"/><path fill="#FFB900" d="M12.500 12.500H22V22h-9.500z"/>`, ''),
  apple: icon(
    `<path d="M16.600 12.700c0-2.400 2-3.500
2.100-3.600-1.100-1.700-2.900-1.900-3.500-1.900-1.500-.2-2.900.9-3.700.9s-1.900-.9-3.200-.8a4.700 4.700 0 0 0-3.900 2.400c-1.700
2.900-.4 7.200 1.200 9.500.8 1.200 1.700 2.400 3 2.400s1.700-.8 3.200-.8 1.900.8 3.200.7c1.300 0 2.200-1.200 3-2.300.9-1.300 1.300-2.600
1.300-2.700-.1 0-2.700-1-2.700-3.800zM14.200 5.700c.7-.8 1.100-1.900 1-3-1 0-2.100.6-2.800 1.400-.6.7-1.200 1.900-1 2.900 1 .1 2.100-.5
2.800-1.300z"/>`,
    'fill="currentColor"',
  ),
  gitlab: icon(`<path fill="#E24329" d="m12 22 4.200-12.900H7.800z"/><path fill="#FC6D26" d="M12 22 7.800 9.100H1.900zM12
22l4.200-12.900h5.900z"/><path fill="#FCA326" d="M1.900 9.100.6 13c-.1.400 0 .8.300 1L12 22zM22.100 9.100l1.300 3.900c.1.400 0 .8-.3
1L12 22z"/><path fill="#E24329" d="M1.900 9.100h5.900L5.300 1.300c-.1-.4-.7-.4-.8 0zM22.100 9.100h-5.900l2.500-7.800c.1-.4.7-.4.8
0z"/>`, ''),
}

export function providerIcon(provider: string): SafeHtml | null {
  return MARKS[provider] ?? null
}
