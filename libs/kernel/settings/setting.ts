import type { Kind } from './kinds.js'

export interface Setting<T> {
  kind: Kind<T>
  default: T
  /** One or two sentences for the API reference, `docs/settings.md` and the command line. */
  description: string
  /** The first release that has it. */
  since: string
  /** Other spellings that published clients send; one canonical name is stored and answered. */
  synonyms?: readonly string[]
  /** Name of the command line option, where it is not the setting's own; a list is given one item at a time, so its option is singular. */
  option?: string
  /** Taken by a route of its own, so not part of the settings that a request may set. */
  readOnly?: true
}

// The kind alone says what the values are; the default has to fit.
export const setting = <T>(definition: Omit<Setting<T>, 'default'> & { default: NoInfer<T> }): Setting<T> => definition
