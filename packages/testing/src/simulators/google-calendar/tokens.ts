/** Opaque tokens of one kind, which expire. */
export interface Tokens<Data> {
  issue(data: Data): string
  /** Returns the content of a token. Undefined: it expired, or was never issued. */
  read(token: string): Data | undefined
  expireAll(): void
}

/** @param lifeMs milliseconds for which a token is valid */
export function createTokens<Data>(kind: string, now: () => number, lifeMs: number): Tokens<Data> {
  const issued = new Map<string, { readonly data: Data; readonly at: number }>()
  let made = 0
  return {
    issue(data) {
      const token = btoa(`${kind}:${++made}`)
      issued.set(token, { data, at: now() })
      return token
    },
    read(token) {
      const found = issued.get(token)
      return found !== undefined && now() - found.at < lifeMs ? found.data : undefined
    },
    expireAll() {
      issued.clear()
    },
  }
}
