export const VERBATIM_FIELDS: readonly string[] = ['metadata']
export interface components {
  schemas: {
    Error: { error: { code: 'not_found' | 'rate_limited' | 'session_ended' | 'invalid_token'; message: string; requestId: string } }
    User: {
      id: string; email: string; emailVerified: boolean; metadata: { [key: string]: unknown }; createdAt: string; lastSignInAt: string | null
    }
  }
}
