import { useQuery } from '@tanstack/react-query'
import type { AuthService } from '@portico/sdk'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { authQuery, useProjectId } from '../../api/project.js'
import { useDenied } from '../../api/use-denied.js'
import { Button } from '../../ui/button.js'
import { ErrorNote, Note } from '../../ui/note.js'
import { Card, Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { CaptchaEditor } from './captcha-editor.js'
import { LimitsEditor, type Bucket } from './limits-editor.js'
import { SaveBar } from './save-bar.js'
import { grouped } from './setting-groups.js'
import { SettingRow } from './setting-row.js'
import { settingsQuery, type SettingSchema } from './setting-schema.js'
import { isSame } from './setting-value.js'

export default function SignIn() {
  const projectId = useProjectId()
  const auth = useQuery(authQuery(projectId))
  const schema = useQuery(settingsQuery)
  const error = auth.error ?? schema.error
  return (
    <Page title="Sign-in" lead="Every setting of this project, what it means, and what it would be by itself.">
      {error ? (
        <ErrorNote error={error} retry={() => void Promise.all([auth.refetch(), schema.refetch()])} />
      ) : auth.data === null ? (
        <Note title="Auth is off in this project">Turn it on on the overview; the settings are here then.</Note>
      ) : !auth.data || !schema.data ? (
        <div className="panel">
          <SkeletonRows rows={10} />
        </div>
      ) : (
        <Settings key={auth.data.updatedAt} auth={auth.data} schema={schema.data} />
      )}
    </Page>
  )
}

function Settings({ auth, schema }: { auth: AuthService; schema: SettingSchema[] }) {
  const denied = useDenied(PERMISSIONS.changeAuth)
  const readOnly = denied !== false
  const saved = auth.settings as unknown as Record<string, unknown>
  const [draft, setDraft] = useState<Record<string, unknown>>({})
  const [problems, setProblems] = useState<Record<string, string>>({})
  const [captcha, setCaptcha] = useState(false)
  const valueOf = (key: string) => (key in draft ? draft[key] : saved[key])
  const change = (key: string, value: unknown) => {
    const { [key]: _before, ...others } = draft
    setDraft(isSame(value, saved[key]) ? others : { ...others, [key]: value })
    setProblems({})
  }
  const groups = grouped(schema)
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[10rem_1fr]">
      <nav aria-label="Groups of settings" className="sticky top-6 hidden lg:block">
        <ul className="grid gap-px text-sm">
          {groups.map(({ group }) => (
            <li key={group.id}>
              <a href={`#${group.id}`} className="block rounded-md px-2 py-1 text-soft hover:bg-hover hover:text-ink">
                {group.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="grid min-w-0 gap-4 pb-20">
        {denied && <Note>You can read these settings. {denied}, so you cannot change them.</Note>}
        {groups.map(({ group, settings }) => (
          <div key={group.id} id={group.id} className="scroll-mt-4">
            <Card title={group.title} lead={group.lead} flush>
              <div className="divide-y divide-line">
                {settings.map((setting) =>
                  setting.name === 'limits' ? (
                    <LimitsEditor
                      key={setting.name}
                      setting={setting}
                      value={valueOf('limits') as Record<string, Bucket>}
                      saved={saved['limits'] as Record<string, Bucket>}
                      readOnly={readOnly}
                      onChange={(value) => change('limits', value)}
                    />
                  ) : setting.name === 'captcha' ? (
                    <div key={setting.name} className="flex items-center justify-between gap-4 px-4 py-3 text-sm">
                      <div>
                        <p className="font-medium">Captcha</p>
                        <p className="text-soft">
                          {auth.settings.captcha
                            ? `${auth.settings.captcha.provider}, site key ${auth.settings.captcha.siteKey}`
                            : 'None. Turnstile or hCaptcha keep robots from signing up.'}
                        </p>
                      </div>
                      <Button onClick={() => setCaptcha(true)} deniedBecause={denied}>
                        {auth.settings.captcha ? 'Change' : 'Set up'}
                      </Button>
                    </div>
                  ) : setting.kind === 'object' ? null : (
                    <SettingRow
                      key={setting.name}
                      setting={setting}
                      value={valueOf(setting.key)}
                      changed={setting.key in draft}
                      problem={problems[setting.name]}
                      readOnly={readOnly}
                      onChange={(value) => change(setting.key, value)}
                    />
                  ),
                )}
              </div>
            </Card>
          </div>
        ))}
      </div>
      {captcha && <CaptchaEditor projectId={auth.projectId} captcha={auth.settings.captcha} onClose={() => setCaptcha(false)} />}
      <SaveBar
        projectId={auth.projectId}
        schema={schema}
        saved={saved}
        draft={draft}
        onUndo={() => setDraft({})}
        onProblems={setProblems}
      />
    </div>
  )
}
