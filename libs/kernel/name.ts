// Line ends and other control characters, and marks that turn the direction of what follows: names stand in subjects, headers, labels and
// lists.
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u

/** Whether this can be the name of something: one line with something to see on it. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && !UNFIT.test(value) && VISIBLE.test(value)
}
