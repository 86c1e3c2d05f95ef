import { isName } from '@portico/kernel/name'
import { MaxLength, ValidateBy } from 'class-validator'

/** The name of a project, key, tenant, instance, factor or passkey: one line, something to see, at most `most` characters. */
export function IsName(most: number): PropertyDecorator {
  const fit = ValidateBy({
    name: 'invalidCharacters',
    validator: { validate: isName, defaultMessage: () => 'This must be one line of text, without control characters.' },
  })
  const short = MaxLength(most)
  return (target, property) => {
    fit(target, property)
    short(target, property)
  }
}
