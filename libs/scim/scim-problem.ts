/** The detail codes of RFC 7644, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

/** A refusal in SCIM's own form (RFC 7644, 3.12). `detail` may name attributes of the request and never repeats what it cannot read. */
export class ScimProblem extends Error {
  constructor(
    readonly status: 400 | 403 | 404 | 409 | 412,
    readonly scimType: ScimType | null,
    detail: string,
  ) {
    super(detail)
    this.name = 'ScimProblem'
  }
}

export const invalidValue = (detail: string): ScimProblem => new ScimProblem(400, 'invalidValue', detail)
export const invalidPath = (detail: string): ScimProblem => new ScimProblem(400, 'invalidPath', detail)
export const invalidSyntax = (detail: string): ScimProblem => new ScimProblem(400, 'invalidSyntax', detail)
export const invalidFilter = (detail: string): ScimProblem => new ScimProblem(400, 'invalidFilter', detail)
export const mutability = (detail: string): ScimProblem => new ScimProblem(400, 'mutability', detail)
export const noTarget = (detail: string): ScimProblem => new ScimProblem(400, 'noTarget', detail)
