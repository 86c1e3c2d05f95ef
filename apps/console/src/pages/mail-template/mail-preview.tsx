import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { MailTemplateParts } from '@portico/sdk'
import { useState } from 'react'
import { templatesKey } from '../../api/mail-templates.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Choice } from '../../ui/choice.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { PreviewFrame } from '../../ui/preview-frame.js'
import { Skeleton } from '../../ui/skeleton.js'
import { SendTest } from './send-test.js'

const LOOKS = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['text', 'Text'],
] as const

/** The mail with sample values, as the worker would make it. */
export function MailPreview({
  projectId,
  template,
  locale,
  parts,
  stamp,
  denied,
}: {
  projectId: string
  template: string
  locale: string
  /** `null`: what is in use. */
  parts: MailTemplateParts | null
  /** Tells what is in use now from what was before. */
  stamp: number
  denied: string | false
}) {
  const [look, setLook] = useState<(typeof LOOKS)[number][0]>('light')
  const settled = useDebounced(parts, 400)
  const { data, error } = useQuery({
    queryKey: [...templatesKey(projectId), template, locale, 'preview', settled ?? stamp],
    queryFn: ({ signal }) => portico.mail.previewTemplate(projectId, template, locale, settled ?? undefined, { signal }),
    placeholderData: keepPreviousData,
    enabled: denied === false,
    staleTime: Infinity,
  })
  return (
    <Card
      title="Preview"
      lead={data?.subject ?? 'With sample values.'}
      flush
      className="lg:sticky lg:top-4"
      actions={<Choice label="Preview as" choices={LOOKS} value={look} onChange={setLook} />}
    >
      {error && (
        <div className="p-3">
          <Note tone="warn" title="It cannot be rendered like that">
            {inPlainWords(error).detail}
          </Note>
        </div>
      )}
      {denied ? (
        <p className="px-4 py-4 text-sm text-soft">{denied}, which a preview asks for.</p>
      ) : !data ? (
        !error && <Skeleton className="m-4 h-96" />
      ) : look === 'text' ? (
        <pre className="p-4 font-mono text-xs leading-5 break-words whitespace-pre-wrap" tabIndex={0} aria-label="Text of the mail">
          {data.text}
        </pre>
      ) : (
        <PreviewFrame title="The mail" html={data.html} scheme={look} className="h-[36rem]" />
      )}
      <SendTest projectId={projectId} template={template} locale={locale} unsaved={parts !== null} denied={denied} />
    </Card>
  )
}
