import { Link } from '@tanstack/react-router'
import type { SsoAttempt } from '@portico/sdk'
import { Check, Minus, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '../../ui/badge.js'
import { Note } from '../../ui/note.js'
import { Fact, Facts } from '../../ui/page.js'
import { OrganizationName } from '../organizations/organization-name.js'
import { ACCOUNTS, CHECKS, refusalOf } from './attempt-words.js'

type Report = NonNullable<SsoAttempt['report']>

/** What came of somebody who tried to come in; of a test, with all that the identity provider said. */
export function AttemptReport({ projectId, attempt }: { projectId: string; attempt: SsoAttempt }) {
  const { report, test } = attempt
  if (report === null) return <p className="text-sm text-soft">Nothing has come back from the identity provider.</p>
  const refused = refusalOf(report)
  return (
    <div className="grid min-w-0 grid-cols-1 gap-3 text-sm">
      {refused !== null ? (
        <Note tone="bad" title={refused}>
          <Compared report={report} />
        </Note>
      ) : (
        test && <Note tone="good" title="The test went through">Nobody was signed in, and no account was made or changed.</Note>
      )}
      {report.checks.length > 0 && <Checks checks={report.checks} />}
      <div className="rounded-md border border-line bg-panel">
        <Facts>{factsOf(projectId, report, test)}</Facts>
      </div>
      {report.assertion && <Assertion assertion={report.assertion} />}
    </div>
  )
}

function Compared({ report: { expected, found } }: { report: Report }) {
  if (expected === null && found === null) return null
  return (
    <dl className="mt-1 grid gap-1 text-xs">
      <Side name="Expected" value={expected} />
      <Side name="Came" value={found} />
    </dl>
  )
}

function Side({ name, value }: { name: string; value: string | null }) {
  return (
    <div className="grid grid-cols-[5rem_1fr] gap-2">
      <dt>{name}</dt>
      <dd className="min-w-0 font-mono break-all">{value ?? 'nothing'}</dd>
    </div>
  )
}

function Checks({ checks }: { checks: Report['checks'] }) {
  return (
    <ol className="grid gap-1">
      {checks.map(({ check, passed }) => (
        <li key={check} className="flex items-center gap-2">
          {passed === null ? (
            <Minus className="size-4 text-faint" aria-label="not reached" />
          ) : passed ? (
            <Check className="size-4 text-good" aria-label="passed" />
          ) : (
            <X className="size-4 text-bad" aria-label="failed" />
          )}
          <span className={passed === null ? 'text-faint' : ''}>{CHECKS[check]}</span>
        </li>
      ))}
    </ol>
  )
}

/** What is known of the person, and nothing where it is not. */
function factsOf(projectId: string, report: Report, test: boolean): ReactNode {
  const { person, userId, account, emailDomain, domainProven, organizationId, role, roleGroup } = report
  const proven = domainProven === null ? '' : domainProven ? ', proven' : ', not one of this connection'
  return (
    <>
      {person && <Fact name="Address">{person.email ?? 'none'}</Fact>}
      {emailDomain !== null && <Fact name="Domain">{emailDomain + proven}</Fact>}
      {person && <Fact name="Name">{person.name ?? 'none'}</Fact>}
      {person && <Fact name="Groups">{person.groups.length === 0 ? 'none' : person.groups.join(', ')}</Fact>}
      {person?.metadata.map(({ key, value }) => (
        <Fact key={key} name={key}>
          {[value].flat().join(', ')}
        </Fact>
      ))}
      <Fact name="Account">
        {account === null ? 'none' : ACCOUNTS[account][test ? 1 : 0]}
        {userId !== null && (
          <>
            {' '}
            <Link to="/projects/$projectId/people/$userId" params={{ projectId, userId }} className="text-accent underline">
              their page
            </Link>
          </>
        )}
      </Fact>
      {organizationId !== null && (
        <Fact name="Organization">
          <OrganizationName projectId={projectId} organizationId={organizationId} />
          {role !== null && (
            <>
              {' '}
              as <Badge>{role}</Badge>
              {roleGroup !== null && ` by the group ${roleGroup}`}
            </>
          )}
        </Fact>
      )}
    </>
  )
}

/** As the identity provider said it: only what its signature covers. */
function Assertion({ assertion }: { assertion: NonNullable<Report['assertion']> }) {
  const { subject, nameIdFormat, sessionIndex, attributes } = assertion
  const all: readonly (readonly [name: string, value: string | null])[] = [
    ['Subject', subject],
    ['Its format', nameIdFormat],
    ['Session', sessionIndex],
    ...attributes.map(({ name, values }) => [name, values.join(', ')] as const),
  ]
  return (
    <section aria-label="What it said" className="min-w-0">
      <h3 className="mb-1 text-xs font-medium text-soft">What it said, as far as its signature goes</h3>
      <dl className="grid min-w-0 gap-1.5 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs">
        {all.map(
          ([name, value]) =>
            value !== null && (
              <div key={name} className="grid min-w-0 gap-x-3 sm:grid-cols-[12rem_1fr]">
                <dt className="min-w-0 break-all text-soft">{name}</dt>
                <dd className="min-w-0 break-all">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  )
}
