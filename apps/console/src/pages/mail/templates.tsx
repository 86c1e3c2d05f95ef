import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { MailTemplate } from '@portico/sdk'
import { templatesQuery, TEMPLATES } from '../../api/mail-templates.js'
import { authQuery } from '../../api/project.js'
import { Badge } from '../../ui/badge.js'
import { ErrorNote } from '../../ui/note.js'
import { SkeletonRows } from '../../ui/skeleton.js'

/** Every mail, and in which languages the project says it in its own words. */
export function Templates({ projectId }: { projectId: string }) {
  const { data, error, refetch } = useQuery(templatesQuery(projectId))
  const auth = useQuery(authQuery(projectId))
  const usual = auth.data?.settings.defaultLocale ?? 'en'
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  if (!data)
    return (
      <div className="panel">
        <SkeletonRows />
      </div>
    )
  return (
    <>
      <p className="mb-3 max-w-prose text-sm text-soft">
        Without words of your own a mail goes out in Portico’s, in fifteen languages. Yours count for the language that they are written
        for.
      </p>
      <ul className="panel divide-y divide-line" aria-label="Mails">
        {TEMPLATES.map(({ name, title, when }) => (
          <li key={name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
            <Link
              to="/projects/$projectId/mail/words/$template/$locale"
              params={{ projectId, template: name, locale: usual }}
              className="min-w-48 flex-1 hover:underline"
            >
              <span className="block font-medium">{title}</span>
              <span className="block text-xs text-soft">{when}</span>
            </Link>
            <Own projectId={projectId} own={data.filter(({ template }) => template === name)} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Own({ projectId, own }: { projectId: string; own: MailTemplate[] }) {
  if (own.length === 0) return <span className="text-xs text-faint">Portico’s words</span>
  return own.map(({ template, locale, failedAt, version }) => (
    <Link
      key={locale}
      to="/projects/$projectId/mail/words/$template/$locale"
      params={{ projectId, template, locale }}
      className="rounded hover:underline"
      aria-label={`${template} in ${locale}`}
    >
      <Badge tone={failedAt ? 'bad' : 'accent'} title={failedAt ? 'It could not be rendered, and went out in Portico’s words' : `Version ${version}`}>
        {locale}
        {failedAt && ' failed'}
      </Badge>
    </Link>
  ))
}
