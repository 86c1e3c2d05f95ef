import { Empty } from '../../ui/empty.js'

export function NobodyYet({ projectId, authUrl }: { projectId: string; authUrl: string | null }) {
  return (
    <Empty
      title="Nobody has signed up yet"
      sdk={`const portico = new Portico()\nawait portico.users.create('${projectId}', { email: 'ada@example.com', password: '…' })`}
      {...(authUrl !== null && {
        curl: `curl ${authUrl}/signup -H 'content-type: application/json' \\\n  -d '{"email":"ada@example.com","password":"a long enough sentence"}'`,
      })}
    >
      People come in by the app’s own sign-up, by an invitation, or are made here or by a script. The curl line is what an app does when
      somebody signs up.
    </Empty>
  )
}

export function NobodyFound() {
  return (
    <Empty title="Nobody matches">
      The search finds the beginning of an address (ada@), a domain (@example.com) or a whole id. Fewer filters find more.
    </Empty>
  )
}
