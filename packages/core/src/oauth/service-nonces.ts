import type { ResponseHeaders } from '../ports/transport.ts'

const MOST_ORIGINS = 100

/** The nonces that services want to see in the next DPoP proof (RFC 9449, section 9), by origin. They are no secrets. */
export interface ServiceNonces {
  of(url: string): string | undefined
  /** Takes note of an answer; true if the request was refused only for want of the nonce that it brings. */
  hear(url: string, answer: { readonly status: number; readonly headers: ResponseHeaders }): boolean
}

export function rememberNonces(): ServiceNonces {
  const nonces = new Map<string, string>()
  return {
    of: (url) => (nonces.size === 0 ? undefined : nonces.get(new URL(url).origin)),
    hear(url, { status, headers }) {
      const nonce = headers.get('dpop-nonce')
      if (nonce === null || nonce === '') return false
      const { origin } = new URL(url)
      const isNew = nonces.get(origin) !== nonce
      nonces.delete(origin)
      nonces.set(origin, nonce)
      for (const oldest of nonces.keys()) {
        if (nonces.size <= MOST_ORIGINS) break
        nonces.delete(oldest)
      }
      return isNew && status === 401 && /\buse_dpop_nonce\b/.test(headers.get('www-authenticate') ?? '')
    },
  }
}
