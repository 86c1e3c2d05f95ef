import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { SsoConnection } from '@portico/sdk'
import { ArrowLeft } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import { certificateState, connectionQuery, PROTOCOLS, STATES } from '../../api/sso.js'
import { useDenied } from '../../api/use-denied.js'
import { Badge } from '../../ui/badge.js'
import { CopyId } from '../../ui/copy.js'
import { FoldsStay } from '../../ui/fold.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { OrganizationName } from '../organizations/organization-name.js'
import { Attempts } from './attempts.js'
import { ConnectionActions } from './connection-actions.js'
import { MappingForm } from './mapping-form.js'
import { OidcForm } from './oidc-form.js'
import { OwnKeys } from './own-keys.js'
import { Reach } from './reach.js'
import { SamlForm } from './saml-form.js'
import { SetupSteps } from './setup-steps.js'

export default function ConnectionPage() {
  const { projectId, connectionId } = useParams({ strict: false }) as { projectId: string; connectionId: string }
  const denied = useDenied(PERMISSIONS.changeAuth)
  const { data: connection, error, refetch } = useQuery(connectionQuery(projectId, connectionId))
  return (
    <Page
      title={connection?.name ?? 'Connection'}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/projects/$projectId/sso" params={{ projectId }} className="inline-flex items-center gap-1 hover:text-ink">
            <ArrowLeft className="size-3" /> Single sign-on
          </Link>
          {connection && <About projectId={projectId} connection={connection} />}
          <CopyId value={connectionId} label="connection id" short />
        </span>
      }
      actions={connection && <ConnectionActions projectId={projectId} connection={connection} denied={denied} />}
    >
      {error ? (
        <ErrorNote error={error} retry={() => void refetch()} />
      ) : !connection ? (
        <div className="panel">
          <SkeletonRows />
        </div>
      ) : (
        <div className="grid grid-cols-1 gap-4">
          {connection.state === 'testing' && (
            <Note tone="info" title="It is being tested">
              Only who names its id is sent there. Run a test sign-in; once it went through, activate it.
            </Note>
          )}
          <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
            <div className="grid min-w-0 grid-cols-1 gap-4">
              <SetupSteps connection={connection} />
              <Reach projectId={projectId} connection={connection} denied={denied} />
              <Attempts projectId={projectId} connection={connection} denied={denied} />
            </div>
            <div className="grid min-w-0 grid-cols-1 gap-4">
              <FoldsStay>
                {/* Begun anew by what was stored: metadata say more than was typed. */}
                {connection.protocol === 'saml' ? (
                  <SamlForm key={connection.updatedAt} projectId={projectId} connection={connection} denied={denied} />
                ) : (
                  <OidcForm key={connection.updatedAt} projectId={projectId} connection={connection} denied={denied} />
                )}
              </FoldsStay>
              {connection.protocol === 'saml' && <OwnKeys projectId={projectId} connection={connection} denied={denied} />}
              <MappingForm projectId={projectId} connection={connection} denied={denied} />
            </div>
          </div>
        </div>
      )}
    </Page>
  )
}

function About({ projectId, connection }: { projectId: string; connection: SsoConnection }) {
  const [word, tone] = STATES[connection.state]
  const certificate = certificateState(connection)
  const isBad = certificate !== null && certificate.tone !== 'good'
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {connection.enforce && <Badge tone="accent">the only way in</Badge>}
      {isBad && <Badge tone={certificate.tone}>{certificate.word}</Badge>}
      <span>{PROTOCOLS[connection.protocol]}</span>
      {connection.organizationId !== null && <OrganizationName projectId={projectId} organizationId={connection.organizationId} />}
    </>
  )
}
