import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { MailTemplateParts } from '@portico/sdk'
import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { TEMPLATES, versionsQuery } from '../../api/mail-templates.js'
import { choicesOf, openapiQuery } from '../../api/openapi.js'
import { PERMISSIONS } from '../../api/permissions.js'
import { useDenied } from '../../api/use-denied.js'
import { languageName } from '../../lib/language.js'
import { Badge } from '../../ui/badge.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Editor } from './editor.js'
import { MailPreview } from './mail-preview.js'
import { Versions } from './versions.js'

export default function MailTemplatePage() {
  const { projectId, template, locale } = useParams({ strict: false }) as { projectId: string; template: string; locale: string }
  const navigate = useNavigate()
  const denied = useDenied(PERMISSIONS.changeAuth)
  const { data: schemas } = useQuery(openapiQuery)
  const { data: versions, error, refetch } = useQuery(versionsQuery(projectId, template, locale))
  // What was typed, of this mail in this language; anything else that is looked at begins with what is stored.
  const [draft, setDraft] = useState<{ of: string; parts: MailTemplateParts } | null>(null)
  const of = `${template} ${locale}`
  const typed = draft?.of === of ? draft.parts : null
  const info = TEMPLATES.find(({ name }) => name === template)
  const inUse = versions?.find((version) => version.inUse) ?? null
  const locales = choicesOf(schemas, 'Settings', 'default_locale')
  return (
    <Page
      title={info?.title ?? template}
      wide
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link
            to="/projects/$projectId/mail"
            params={{ projectId }}
            search={{ tab: 'words' } as never}
            className="inline-flex items-center gap-1 hover:text-ink"
          >
            <ArrowLeft className="size-3" /> Mail
          </Link>
          {versions && (inUse ? <Badge tone="accent">version {inUse.version} in use</Badge> : <Badge>Portico’s words</Badge>)}
          {inUse?.failedAt && <Badge tone="bad">could not be rendered</Badge>}
        </span>
      }
      actions={
        <Select
          aria-label="Language"
          value={locale}
          onChange={(event) =>
            void navigate({
              to: '/projects/$projectId/mail/words/$template/$locale',
              params: { projectId, template, locale: event.target.value },
            })
          }
        >
          {[...new Set([locale, ...locales])].map((one) => (
            <option key={one} value={one}>
              {languageName(one)}
            </option>
          ))}
        </Select>
      }
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !versions ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <div className="grid min-w-0 gap-4">
            <Editor
              key={of}
              projectId={projectId}
              template={template}
              locale={locale}
              variables={info?.variables ?? []}
              inUse={inUse}
              typed={typed}
              onType={(parts) => setDraft(parts && { of, parts })}
              denied={denied}
            />
            <Versions versions={versions} onTake={(parts) => setDraft({ of, parts })} denied={denied} />
          </div>
          <MailPreview
            projectId={projectId}
            template={template}
            locale={locale}
            parts={typed}
            stamp={inUse?.version ?? 0}
            denied={denied}
          />
        </div>
      )}
    </Page>
  )
}
