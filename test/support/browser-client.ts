/** A browser reduced to what redirects and cookies need: follows one step at a time, keeps cookies by host and port. */
export class BrowserClient {
  readonly #jar = new Map<string, Map<string, string>>()

  async open(
    url: string | URL,
    init: { method?: string; form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Headers; text: string; location: URL | null; url: URL }> {
    const target = new URL(url)
    const cookies = this.cookieHeader(target)
    const response = await fetch(target, {
      method: init.method ?? (init.form ? 'POST' : 'GET'),
      redirect: 'manual',
      headers: {
        'user-agent': 'Mozilla/5.0 Test',
        ...(cookies && { cookie: cookies }),
        ...(init.form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...init.headers,
      },
      ...(init.form && { body: new URLSearchParams(init.form).toString() }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const jar = this.#jar.get(target.host) ?? new Map<string, string>()
      this.#jar.set(target.host, jar)
      const value = pair.slice(at + 1)
      if (value === '' || /max-age=0/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), value)
    }
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: location === null ? null : new URL(location, target),
      url: target,
    }
  }

  /** Follows redirects and presses the provider's button until the browser would leave for `until`. */
  async travel(url: string | URL, until: (url: URL) => boolean): Promise<URL> {
    let next = new URL(url)
    for (let step = 0; step < 15; step += 1) {
      if (until(next)) return next
      let page = await this.open(next)
      if (page.location === null && page.text.includes('<form method="post"')) page = await this.open(next, { form: {} })
      if (page.location === null) throw new Error(`stuck at ${next.href}: ${page.status} ${page.text.slice(0, 300)}`)
      next = page.location
    }
    throw new Error('too many redirects')
  }

  /** As it is sent; for a test that is several processes behind one name. */
  cookieHeader(url: string | URL): string {
    return [...(this.#jar.get(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  cookiesFor(url: string | URL): string[] {
    return [...(this.#jar.get(new URL(url).host)?.keys() ?? [])]
  }
}
