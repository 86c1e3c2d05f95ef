import type { ProjectRecord } from '@portico/database/project-directory'
import { html, type HtmlPage, type SafeHtml } from '@portico/http/html-page'
import type { Words } from '../words/words.js'

type Captcha = NonNullable<ProjectRecord['settings']['captcha']>

const WIDGETS: Readonly<Record<Captcha['provider'], { className: string; script: NonNullable<HtmlPage['outsideScript']> }>> = {
  turnstile: {
    className: 'cf-turnstile',
    script: { src: 'https://challenges.cloudflare.com/turnstile/v0/api.js', hosts: ['https://challenges.cloudflare.com'] },
  },
  hcaptcha: {
    className: 'h-captcha',
    script: { src: 'https://js.hcaptcha.com/1/api.js', hosts: ['https://hcaptcha.com', 'https://*.hcaptcha.com'] },
  },
}

/** The widget of a project that asks for a captcha; it puts its answer into the form that it stands in. */
export function captchaWidget({ settings: { captcha } }: ProjectRecord, { locale, say }: Words): SafeHtml | null {
  if (captcha === null) return null
  const { className } = WIDGETS[captcha.provider]
  return html`<div class="field ${className}" data-sitekey="${captcha.site_key}" data-response-field-name="captcha_token"
data-language="${locale}" data-hl="${locale}"></div><noscript><p class="alert">${say('captcha.needs_script')}</p></noscript>`
}

/** What its page has to let in: the only request of our pages to somebody else, and a project's own choice. */
export function captchaScript({ settings: { captcha } }: ProjectRecord): Pick<HtmlPage, 'outsideScript'> {
  return captcha === null ? {} : { outsideScript: WIDGETS[captcha.provider].script }
}
