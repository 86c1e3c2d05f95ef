import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { PreviewedPage } from '@portico/sdk'
import { useState } from 'react'
import { TEMPLATES } from '../../api/mail-templates.js'
import { choicesOf, openapiQuery } from '../../api/openapi.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { cx } from '../../lib/cx.js'
import { languageName } from '../../lib/language.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Choice } from '../../ui/choice.js'
import { Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { PreviewFrame } from '../../ui/preview-frame.js'
import { Skeleton } from '../../ui/skeleton.js'
import type { Draft } from './look-form.js'

type Scheme = 'light' | 'dark'

const PAGES: readonly (readonly [PreviewedPage, string])[] = [
  ['sign-in', 'Sign-in'],
  ['sign-up', 'Sign-up'],
  ['forgot', 'Forgotten password'],
  ['inbox', 'Check your mail'],
  ['second-step', 'Second step'],
  ['enrol', 'Set up a second step'],
  ['recovery-codes', 'Recovery codes'],
  ['organization', 'Choose an organization'],
  ['account', 'Account'],
  ['signed-out', 'Signed out'],
  ['reset', 'New password'],
  ['confirm', 'Confirm the address'],
  ['invitation', 'Invitation'],
  ['magic-link', 'Sign-in link'],
  ['link-gone', 'A link that is too old'],
]
const isPage = (wanted: string): wanted is PreviewedPage => PAGES.some(([page]) => page === wanted)

/** The real pages and mails with what is typed, in light and dark and every language; nothing is saved. */
export function LookPreview({ projectId, shown, denied }: { projectId: string; shown: Draft; denied: string | false }) {
  const [wanted, setWanted] = useState<string>('sign-in')
  const [scheme, setScheme] = useState<Scheme>('light')
  const [locale, setLocale] = useState<string | null>(null)
  const { data: schemas } = useQuery(openapiQuery)
  const locales = choicesOf(schemas, 'Settings', 'default_locale')
  const language = locale ?? shown.defaultLocale
  return (
    <Card
      title="Preview"
      lead="The real pages with what is on the left; nothing is saved by looking."
      flush
      className="lg:sticky lg:top-4"
    >
      <div className="flex flex-wrap gap-2 border-b border-line px-4 py-2.5">
        <Select aria-label="What" value={wanted} onChange={(event) => setWanted(event.target.value)}>
          <optgroup label="Pages">
            {PAGES.map(([page, title]) => (
              <option key={page} value={page}>
                {title}
              </option>
            ))}
          </optgroup>
          <optgroup label="Mails">
            {TEMPLATES.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </optgroup>
        </Select>
        <Select aria-label="In" value={language} onChange={(event) => setLocale(event.target.value)}>
          {[...new Set([language, ...locales])].map((one) => (
            <option key={one} value={one}>
              {languageName(one)}
            </option>
          ))}
        </Select>
        <Choice
          label="Scheme"
          choices={[
            ['light', 'Light'],
            ['dark', 'Dark'],
          ]}
          value={scheme}
          onChange={setScheme}
        />
      </div>
      {denied ? (
        <p className="px-4 py-4 text-sm text-soft">{denied}, which a preview asks for.</p>
      ) : isPage(wanted) ? (
        <OfPage projectId={projectId} page={wanted} branding={shown.branding} locale={language} scheme={scheme} />
      ) : (
        <OfMail projectId={projectId} template={wanted} branding={shown.branding} locale={language} scheme={scheme} />
      )}
    </Card>
  )
}

function OfPage({
  projectId,
  page,
  branding,
  locale,
  scheme,
}: {
  projectId: string
  page: PreviewedPage
  branding: Draft['branding']
  locale: string
  scheme: Scheme
}) {
  const settled = useDebounced(branding, 400)
  const { data, error } = useQuery({
    queryKey: ['project', projectId, 'page-preview', page, settled, locale, scheme],
    queryFn: ({ signal }) =>
      portico.projects.auth.previewPage(
        projectId,
        { page, branding: settled, locale: locale as Draft['defaultLocale'], scheme },
        { signal },
      ),
    placeholderData: keepPreviousData,
    // What it answers is an address for ten minutes.
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  })
  return (
    <>
      {error && (
        <div className="p-3">
          <Note tone="warn" title="It cannot look like that">
            {inPlainWords(error).detail}
          </Note>
        </div>
      )}
      {data ? (
        <iframe
          title="The page"
          src={data.url}
          sandbox=""
          tabIndex={-1}
          referrerPolicy="no-referrer"
          // It is looked at, not used: a press in it would lead to a page that shows itself in no frame.
          className={cx('pointer-events-none h-[46rem] w-full rounded-b-lg', scheme === 'dark' ? 'scheme-dark' : 'scheme-light')}
        />
      ) : (
        !error && <Skeleton className="m-4 h-96" />
      )}
    </>
  )
}

function OfMail({
  projectId,
  template,
  branding,
  locale,
  scheme,
}: {
  projectId: string
  template: string
  branding: Draft['branding']
  locale: string
  scheme: Scheme
}) {
  const settled = useDebounced(branding, 400)
  const { data, error } = useQuery({
    queryKey: ['project', projectId, 'mail-templates', template, locale, 'preview', settled],
    queryFn: ({ signal }) => portico.mail.previewTemplate(projectId, template, locale, { branding: settled }, { signal }),
    placeholderData: keepPreviousData,
  })
  if (error)
    return (
      <div className="p-3">
        <Note tone="bad">{inPlainWords(error).detail}</Note>
      </div>
    )
  if (!data) return <Skeleton className="m-4 h-96" />
  return (
    <>
      <p className="border-b border-line px-4 py-2 text-sm">
        <span className="text-faint">Subject</span> {data.subject}
      </p>
      <PreviewFrame title="The mail" html={data.html} scheme={scheme} className="h-[42rem] rounded-b-lg" />
    </>
  )
}
