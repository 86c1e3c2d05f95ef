import { Tabs } from '@base-ui/react/tabs'
import type { AuthService } from '@portico/sdk'
import { CodeBlock } from '../../ui/copy.js'
import { Card } from '../../ui/page.js'

/** PyJWT refuses a token that names an audience unless it is told which. */
const audienceOf = ({ tokenAudience }: AuthService['settings']) => (tokenAudience === null ? '' : `, audience="${tokenAudience}"`)

const samplesOf = ({ authUrl, projectId, settings }: AuthService): [name: string, lead: string, code: string][] => [
  [
    'TypeScript',
    'In the app: @portico/auth signs people in, and the server checks the token without asking anybody.',
    [
      '// in the browser',
      "import { createAuthClient } from '@portico/auth'",
      `const auth = createAuthClient({ url: '${authUrl}' })`,
      'await auth.signUp({ email, password })',
      '',
      '// on the server',
      "import { verifyToken } from '@portico/auth/server'",
      'const claims = await verifyToken(token)',
    ].join('\n'),
  ],
  [
    'Python',
    'Any JWT library checks a token; none has to ask anybody.',
    settings.tokenAlgorithm === 'HS256'
      ? `import jwt, os  # PyJWT
claims = jwt.decode(token, os.environ["AUTH_JWT_SECRET"], algorithms=["HS256"]${audienceOf(settings)})
user_id = claims["sub"]`
      : `import jwt, os  # PyJWT
key = jwt.PyJWKClient(os.environ["AUTH_JWKS_URL"]).get_signing_key_from_jwt(token)
claims = jwt.decode(token, key, algorithms=["ES256"]${audienceOf(settings)})
user_id = claims["sub"]`,
  ],
  [
    'curl',
    'Everything is HTTP and JSON.',
    `curl -X POST ${authUrl}/signup -H 'content-type: application/json' \\
  -d '{"email":"ada@example.com","password":"correct horse battery"}'`,
  ],
  [
    'portico run',
    'Starts a process with the variables of this project, and tells Portico that it runs.',
    `portico run --project ${projectId} -- node server.js`,
  ],
]

export function QuickStart({ auth }: { auth: AuthService }) {
  const samples = samplesOf(auth)
  return (
    <Card title="Quick start">
      <Tabs.Root defaultValue="TypeScript">
        <Tabs.List className="mb-3 flex gap-1 overflow-x-auto" aria-label="Language">
          {samples.map(([name]) => (
            <Tabs.Tab
              key={name}
              value={name}
              className="h-7 rounded-md px-2.5 text-sm whitespace-nowrap text-soft hover:bg-hover data-[active]:bg-accent-soft data-[active]:font-medium data-[active]:text-accent"
            >
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {samples.map(([name, lead, code]) => (
          <Tabs.Panel key={name} value={name} className="grid min-w-0 gap-2">
            <p className="text-sm text-soft">{lead}</p>
            <CodeBlock label={name} code={code} />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Card>
  )
}
