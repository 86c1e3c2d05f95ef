import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Directory } from '@portico/sdk'
import { Choice } from '../../ui/choice.js'
import { CopyId } from '../../ui/copy.js'
import { Card } from '../../ui/page.js'

interface Guide {
  id: string
  name: string
  where: string
  /** What the identity provider calls our address, and where the token goes. */
  url: string
  token: string
  last: string
}

/** docs/scim.md */
const GUIDES: readonly Guide[] = [
  {
    id: 'entra',
    name: 'Entra ID',
    where: 'In the Entra admin centre: Enterprise applications, your application, Provisioning, mode Automatic.',
    url: 'Tenant URL',
    token: 'Enter a token of this page as Secret Token, and press Test Connection.',
    last: 'Leave userPrincipalName mapped to userName, assign people and groups, and start provisioning. Entra asks every 40 minutes.',
  },
  {
    id: 'okta',
    name: 'Okta',
    where: 'In the Okta admin console: your application, General, Provisioning: SCIM; then the tab Provisioning, Integration.',
    url: 'SCIM connector base URL',
    token: 'Unique identifier field: userName. Authentication Mode: HTTP Header, with a token of this page as Authorization.',
    last: 'Allow Create, Update and Deactivate under To App, assign people, and push the groups that give roles.',
  },
  {
    id: 'other',
    name: 'Another one',
    where: 'In whatever speaks SCIM 2.0 (RFC 7643 and 7644): a new target for provisioning.',
    url: 'Base URL',
    token: 'A token of this page is sent as Authorization: Bearer.',
    last: 'People are matched by userName. Deactivate people instead of deleting them, where you can choose.',
  },
]

export function DirectorySteps({ directory }: { directory: Directory }) {
  const search = useSearch({ strict: false }) as { idp?: string }
  const navigate = useNavigate()
  const guide = GUIDES.find(({ id }) => id === search.idp) ?? GUIDES[0]!
  return (
    <Card title="At the identity provider">
      <div className="grid grid-cols-1 gap-4 text-sm">
        <div className="overflow-x-auto">
          <Choice
            label="Identity provider"
            choices={GUIDES.map(({ id, name }) => [id, name] as const)}
            value={guide.id}
            onChange={(id) => void navigate({ to: '.', search: { ...search, idp: id }, replace: true })}
          />
        </div>
        <ol className="grid list-decimal grid-cols-1 gap-3 pl-5">
          <li>{guide.where}</li>
          <li>
            {guide.url}:{' '}
            <CopyId value={directory.scimUrl} label={guide.url} whole />
          </li>
          <li>{guide.token}</li>
          <li>{guide.last}</li>
        </ol>
      </div>
    </Card>
  )
}
