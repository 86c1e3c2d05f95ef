/** The little of `samlp` (which ships no types) that the tests use. */
declare module 'samlp' {
  interface Samlp {
    getSamlResponse(options: Record<string, unknown>, user: unknown, done: (error: Error | null, response?: string) => void): void
  }
  const samlp: Samlp
  export default samlp
}
