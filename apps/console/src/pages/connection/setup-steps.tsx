import { useNavigate, useSearch } from '@tanstack/react-router'
import type { SsoConnection } from '@portico/sdk'
import { Choice } from '../../ui/choice.js'
import { CopyId } from '../../ui/copy.js'
import { Card } from '../../ui/page.js'
import { GUIDES, type Step } from './guides.js'

/** What is to be done at the identity provider, step by step, with the values that it asks for. */
export function SetupSteps({ connection }: { connection: SsoConnection }) {
  const { idp } = useSearch({ strict: false }) as { idp?: string }
  const navigate = useNavigate()
  const guide = GUIDES.find(({ id }) => id === idp) ?? GUIDES[0]!
  return (
    <Card title="At the identity provider">
      <div className="grid grid-cols-1 gap-4">
        <div className="overflow-x-auto">
          <Choice
            label="Identity provider"
            choices={GUIDES.map(({ id, name }) => [id, name] as const)}
            value={guide.id}
            onChange={(id) => void navigate({ to: '.', search: { idp: id }, replace: true })}
          />
        </div>
        <ol className="grid grid-cols-1 gap-4">
          {guide[connection.protocol].map((step, i) => (
            <li key={step.text} className="flex min-w-0 gap-3 text-sm">
              <span
                className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
                aria-hidden="true"
              >
                {i + 1}
              </span>
              <div className="grid min-w-0 flex-1 gap-2">
                <p className="pt-0.5">{step.text}</p>
                <Values step={step} connection={connection} />
              </div>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  )
}

function Values({ step, connection }: { step: Step; connection: SsoConnection }) {
  const given = (step.copy ?? []).flatMap(([label, name]) => {
    const value = connection.serviceProvider[name]
    return value === undefined ? [] : [[label, value] as const]
  })
  const all = [...given, ...(step.literal ?? [])]
  if (all.length === 0) return null
  return (
    <dl className="grid min-w-0 gap-2 rounded-md border border-line bg-sunken px-3 py-2 text-xs">
      {all.map(([label, value]) => (
        <div key={label} className="min-w-0">
          <dt className="text-faint">{label}</dt>
          <dd className="min-w-0">
            <CopyId value={value} label={label} whole />
          </dd>
        </div>
      ))}
    </dl>
  )
}
