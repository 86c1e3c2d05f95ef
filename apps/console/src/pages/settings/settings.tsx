import { useSession, type AccessMode } from '../../api/session.js'
import { Badge } from '../../ui/badge.js'
import { CodeBlock, CopyId } from '../../ui/copy.js'
import { Card, Fact, Facts, Page } from '../../ui/page.js'
import { SignInSwitch } from './sign-in-switch.js'

const MODES: Record<AccessMode, [name: string, meaning: string]> = {
  open: ['open', 'Nobody signs in; whoever reaches this address is an owner.'],
  token: ['token', 'Whoever has the token or an API key gets in.'],
  password: ['password', 'People sign in with a password, a passkey or a mailed link.'],
  oidc: ['oidc', 'People sign in with the organization’s own accounts.'],
}

export default function Settings() {
  const session = useSession()
  const [mode, meaning] = MODES[session.mode]
  return (
    <Page title="Settings" lead="This installation, and who may open its console.">
      <div className="grid grid-cols-1 gap-4">
        <div id="sign-in" className="scroll-mt-4">
          <Card title="Sign-in to the console">
            <div className="grid gap-3 text-sm">
              <p className="flex flex-wrap items-center gap-2">
                <Badge tone={session.mode === 'open' ? 'bad' : 'good'}>{mode}</Badge> {meaning}
              </p>
              {session.mode === 'open' && <SignInSwitch session={session} />}
            </div>
          </Card>
        </div>
        <Card title="Installation" flush>
          <Facts>
            {session.tenant && (
              <Fact name="Workspace">
                {session.tenant.name} <CopyId value={session.tenant.id} label="workspace id" />
              </Fact>
            )}
            <Fact name="Address">
              <CopyId value={session.publicUrl} label="address" />
            </Fact>
            <Fact name="API">
              <CopyId value={`${session.publicUrl}/api/v1`} label="API address" />
            </Fact>
            {session.version && <Fact name="Version">{session.version}</Fact>}
            {session.user && <Fact name="You">{session.user.email}</Fact>}
            {session.role && <Fact name="Your role">{session.role}</Fact>}
          </Facts>
        </Card>
        <Card title="From a script" lead="Whatever these pages do, the API does.">
          <CodeBlock
            label="TypeScript"
            code={`import { Portico } from '@portico/sdk'\n\nconst portico = new Portico({ baseUrl: '${session.publicUrl}', apiKey: process.env.PORTICO_API_KEY })\nfor await (const project of portico.projects.list()) console.log(project.name)`}
          />
        </Card>
      </div>
    </Page>
  )
}
