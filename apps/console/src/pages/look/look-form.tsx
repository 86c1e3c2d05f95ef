import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuthSettings } from '@portico/sdk'
import { choicesOf, openapiQuery } from '../../api/openapi.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { languageName } from '../../lib/language.js'
import { Button } from '../../ui/button.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Switch } from '../../ui/switch.js'
import { toast } from '../../ui/toast.js'
import { BrandImage } from './brand-image.js'
import { Colour } from './colour.js'

export interface Draft {
  branding: AuthSettings['branding']
  defaultLocale: AuthSettings['defaultLocale']
}
type Branding = Draft['branding']

const FONTS: [value: NonNullable<Branding['font']>, name: string][] = [
  ['system', 'The reader’s system'],
  ['humanist', 'Humanist'],
  ['geometric', 'Geometric'],
  ['serif', 'Serif'],
  ['slab', 'Slab serif'],
  ['mono', 'Monospace'],
]
const LINKS = [
  ['termsUrl', 'Terms'],
  ['privacyUrl', 'Privacy'],
  ['supportUrl', 'Support'],
] as const
// What pages have without a choice (apps/data-plane/pages/look/brand.ts).
const DEFAULTS = { colour: '#2f4fd8', colourDark: '#4461e6', radius: 8 }

export function LookForm({
  projectId,
  shown,
  changed,
  onChange,
  denied,
}: {
  projectId: string
  shown: Draft
  changed: boolean
  onChange: (draft: Draft | null) => void
  denied: string | false
}) {
  const client = useQueryClient()
  const { data: schemas } = useQuery(openapiQuery)
  const { branding } = shown
  const set = <Name extends keyof Branding>(name: Name, value: Branding[Name] | undefined) => {
    const { [name]: _before, ...rest } = branding
    onChange({ ...shown, branding: (value === undefined || value === '' ? rest : { ...rest, [name]: value }) as Branding })
  }
  const save = useMutation({
    mutationFn: () => portico.projects.auth.update(projectId, shown),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['project', projectId, 'auth'] })
      onChange(null)
      toast.done('Saved, and seen by everybody from now on')
    },
  })
  const readOnly = denied !== false
  const locales = choicesOf(schemas, 'Settings', 'default_locale')
  return (
    <Card
      title="Brand"
      actions={
        <>
          {changed && <Button onClick={() => onChange(null)}>Undo</Button>}
          <Button
            look="primary"
            busy={save.isPending}
            onClick={() => save.mutate()}
            deniedBecause={denied || (!changed && 'Nothing is changed')}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {save.error && <Note tone="bad">{inPlainWords(save.error).detail}</Note>}
        <Field label="Name" hint="What people know the app as. Empty: the project’s name.">
          {(attributes) => (
            <Input
              {...attributes}
              value={branding.name ?? ''}
              maxLength={60}
              disabled={readOnly}
              onChange={(event) => set('name', event.target.value)}
            />
          )}
        </Field>
        {(['logo', 'icon'] as const).map((kind) => (
          <BrandImage
            key={kind}
            projectId={projectId}
            kind={kind}
            name={branding[kind]}
            denied={denied}
            // It is saved by itself; what else is being changed must not bring the old one back.
            onChange={(name) => changed && set(kind, name)}
          />
        ))}
        <div className="grid grid-cols-2 gap-3">
          <Colour
            label="Colour"
            value={branding.colour}
            usual={DEFAULTS.colour}
            readOnly={readOnly}
            onChange={(colour) => set('colour', colour)}
          />
          <Colour
            label="In the dark"
            value={branding.colourDark}
            usual={branding.colour ?? DEFAULTS.colourDark}
            readOnly={readOnly}
            onChange={(colour) => set('colourDark', colour)}
          />
        </div>
        <p className="-mt-3 text-xs text-faint">Text on it and in it stays readable, whichever colour it is.</p>
        <Field label="Corners" hint={`${branding.radius ?? DEFAULTS.radius} px`}>
          {(attributes) => (
            <input
              {...attributes}
              type="range"
              min={0}
              max={24}
              className="w-full accent-accent-solid"
              value={branding.radius ?? DEFAULTS.radius}
              disabled={readOnly}
              onChange={(event) => set('radius', Number(event.target.value))}
            />
          )}
        </Field>
        <Field label="Font" hint="Of those that every system has: nothing is fetched.">
          {(attributes) => (
            <Select
              {...attributes}
              className="w-full"
              value={branding.font ?? 'system'}
              disabled={readOnly}
              onChange={(event) => set('font', event.target.value as Branding['font'])}
            >
              {FONTS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Language" hint="Where neither the address, nor the person, nor the browser says another.">
          {(attributes) => (
            <Select
              {...attributes}
              className="w-full"
              value={shown.defaultLocale}
              disabled={readOnly}
              onChange={(event) => onChange({ ...shown, defaultLocale: event.target.value as Draft['defaultLocale'] })}
            >
              {[...new Set([shown.defaultLocale, ...locales])].map((locale) => (
                <option key={locale} value={locale}>
                  {languageName(locale)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {LINKS.map(([name, label]) => (
          <Field key={name} label={label} hint={name === 'supportUrl' ? 'An https address, or mailto:' : undefined}>
            {(attributes) => (
              <Input
                {...attributes}
                placeholder="https://"
                value={branding[name] ?? ''}
                spellCheck={false}
                disabled={readOnly}
                onChange={(event) => set(name, event.target.value.trim())}
              />
            )}
          </Field>
        ))}
        <div className="flex items-center justify-between gap-3 text-sm">
          <span className="font-medium">“Powered by Portico”</span>
          <Switch
            label="Powered by Portico"
            checked={branding.poweredBy ?? true}
            disabled={readOnly}
            onChange={(on) => set('poweredBy', on ? undefined : false)}
          />
        </div>
      </div>
    </Card>
  )
}
