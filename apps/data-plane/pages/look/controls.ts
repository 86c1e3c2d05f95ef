import { html, type SafeHtml } from '@portico/http/html-page'

export interface Field {
  name: string
  /** Where a page has two fields of one name. */
  id?: string
  label: string
  type?: 'text' | 'email' | 'password'
  /** HTML, 4.10.18.7: what password managers and keyboards go by. */
  autocomplete: string
  value?: string | undefined
  /** What is wrong with it. */
  wrong?: string | null | undefined
  hint?: string | undefined
  required?: boolean
  minLength?: number
  inputMode?: 'numeric' | 'text' | 'email'
  /** At most one in a page: where the typing begins, or where the first mistake is. */
  focus?: boolean
  /** Beside the label. */
  beside?: SafeHtml | null
  look?: 'code'
}

/** A labelled field with its hint and its mistake, which are read out with it. */
export function field(of: Field): SafeHtml {
  const { name, type = 'text', wrong = null, hint, required = true } = of
  const id = of.id ?? name
  const described = [wrong === null ? '' : `${id}-wrong`, hint === undefined ? '' : `${id}-hint`].filter((part) => part !== '').join(' ')
  const label = html`<label for="${id}">${of.label}</label>`
  return html`<div class="field">${of.beside ? html`<div class="row">${label}${of.beside}</div>` : label}
<input id="${id}" name="${name}" type="${type}" autocomplete="${of.autocomplete}" value="${of.value ?? ''}"${[
    required ? html` required` : null,
    of.minLength === undefined ? null : html` minlength="${of.minLength}"`,
    of.inputMode === undefined ? null : html` inputmode="${of.inputMode}"`,
    type === 'email' || of.look === 'code' ? html` autocapitalize="none" spellcheck="false"` : null,
    of.look === undefined ? null : html` class="${of.look}" dir="ltr"`,
    of.focus === true ? html` autofocus` : null,
    wrong === null ? null : html` aria-invalid="true"`,
    described === '' ? null : html` aria-describedby="${described}"`,
  ]}>
${wrong === null ? null : html`<p class="wrong" id="${id}-wrong">${wrong}</p>`}
${hint === undefined ? null : html`<p class="hint" id="${id}-hint">${hint}</p>`}</div>`
}

export const hidden = (name: string, value: string): SafeHtml => html`<input type="hidden" name="${name}" value="${value}">`

export interface Button {
  label: string
  /** Which of a form's buttons was pressed. */
  intent?: string
  look?: 'quiet' | 'plain' | 'danger' | 'quiet small' | 'danger small'
  /** Also with fields left empty. */
  unchecked?: boolean
  icon?: SafeHtml | null
  id?: string
}

export function button({ label, intent, look, unchecked = false, icon, id }: Button): SafeHtml {
  return html`<button type="submit"${[
    intent === undefined ? null : html` name="intent" value="${intent}"`,
    look === undefined ? null : html` class="${look}"`,
    unchecked ? html` formnovalidate` : null,
    id === undefined ? null : html` id="${id}"`,
  ]}>${icon}${label}</button>`
}

/** What the page says first: read out when it appears. */
export function alert(text: string | null | undefined, kind: 'bad' | 'good' = 'bad'): SafeHtml | null {
  if (text === null || text === undefined) return null
  return kind === 'bad' ? html`<p class="alert" role="alert">${text}</p>` : html`<p class="alert good" role="status">${text}</p>`
}

export const divider = (text: string): SafeHtml => html`<p class="or">${text}</p>`
