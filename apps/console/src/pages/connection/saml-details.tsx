import type { UseFormRegister } from 'react-hook-form'
import { Field, Input, Select } from '../../ui/field.js'
import { Fold } from '../../ui/fold.js'
import type { SamlValues, Signed } from './saml-values.js'

interface Props {
  register: UseFormRegister<SamlValues>
  at: (name: string) => string | undefined
  denied: string | false
}

const SIGNED: Record<Signed, string> = { any: 'assertion or response', assertion: 'the assertion', response: 'the response', both: 'both' }
const FORMATS: [urn: string, name: string][] = [
  ['', 'whichever it likes'],
  ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'persistent'],
  ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', 'email address'],
  ['urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified', 'unspecified'],
  ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'transient'],
]
const BINDINGS = [
  ['redirect', 'redirect'],
  ['post', 'a form (POST)'],
] as const

/** What is signed, how messages travel, and signing out: right as it is for most identity providers. */
export function SamlDetails({ register, at, denied }: Props) {
  const disabled = denied !== false
  return (
    <Fold title="Signatures, names and signing out" forced={at('slo_url') !== undefined}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="It must sign">
          {(attributes) => (
            <Select {...attributes} {...register('signed')} disabled={disabled} className="w-full">
              {(Object.keys(SIGNED) as Signed[]).map((value) => (
                <option key={value} value={value}>
                  {SIGNED[value]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="People are sent there by">
          {(attributes) => (
            <Select {...attributes} {...register('binding')} disabled={disabled} className="w-full">
              {BINDINGS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Kind of NameID that is asked for" problem={at('name_id_format')}>
          {(attributes) => (
            <Select {...attributes} {...register('nameIdFormat')} disabled={disabled} className="w-full">
              {FORMATS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Our answers to its logout requests go by">
          {(attributes) => (
            <Select {...attributes} {...register('sloBinding')} disabled={disabled} className="w-full">
              {BINDINGS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Field label="Its logout address" hint="It may sign people out here. Read from its metadata; empty: it may not." problem={at('slo_url')}>
        {(attributes) => <Input {...attributes} {...register('sloUrl')} placeholder="https://" spellCheck={false} disabled={disabled} />}
      </Field>
      <label className="flex items-start gap-2">
        <input type="checkbox" className="mt-0.5 size-4 accent-accent-solid" disabled={disabled} {...register('idpInitiated')} />
        <span>
          A sign-in may begin at the identity provider
          <span className="block text-xs text-faint">Nothing of it is taken: the browser goes to the app, which begins as usual.</span>
        </span>
      </label>
    </Fold>
  )
}
