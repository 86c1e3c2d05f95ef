/** Who makes a control-plane call: the holder of an API key. */
export interface Caller {
  readonly tenantId: string
  readonly keyId: string
  readonly scopes: ReadonlySet<string>
  readonly ip: string | null
  readonly userAgent: string | null
}
