/** Interpreted by the guard of the plane, for example `'public'`, `'end-user'` or `{ scope: 'projects:read' }`. */
export type AccessRule = string | Readonly<Record<string, unknown>>
