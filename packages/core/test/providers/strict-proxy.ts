import { createHash } from 'node:crypto'
import type { Clock } from '@mcpclient/core'
import type { Vendor } from './vendor.ts'
import { APP } from './vendors.ts'

/** The lifetime of tokens, whatever the emulator issues: short enough for its id_tokens to outlive several. */
export const LIFE_SECONDS = 60

export interface StrictProxy {
  /** Sends a request, as the whole network of a test. */
  fetch(url: string, init?: RequestInit): Promise<Response>
  /** The bodies of requests to the token endpoint, oldest first. */
  readonly tokenRequests: readonly URLSearchParams[]
  /** Returns the access tokens that are currently valid. */
  live(): readonly string[]
  /** Revokes the access of every app, as a user can in the vendor's own pages. */
  revokeEverything(): void
}

interface Family {
  ended: boolean
  /** The valid refresh token. */
  refreshToken: string | undefined
  /** The token response of the emulator for the consent. */
  readonly answer: Members
}

interface Issued {
  readonly family: Family
  /** Milliseconds since the epoch. */
  readonly endsAt: number
}

/**
 * Creates a proxy that is as strict as the vendor in front of a lenient emulator. A code needs the verifier of its own
 * PKCE challenge if the vendor supports PKCE. A refresh token is valid until its grant is revoked. An API request needs
 * a token that was issued here and has neither expired nor been revoked. The proxy receives requests to the vendor's
 * URLs.
 */
export function strictProxy(vendor: Vendor, emulator: string, clock: Clock): StrictProxy {
  const challenges = new Map<string, string>()
  const families = new Set<Family>()
  const issued = new Map<string, Issued>()
  const tokenRequests: URLSearchParams[] = []
  const { refresh: rotation, revoke: playRevocation } = vendor.playedByProxy ?? {}

  const pass = (url: URL, init: RequestInit): Promise<Response> => {
    const path = vendor.pathAt?.(url) ?? url.pathname
    return fetch(`${emulator}${path}${url.search}`, { ...init, redirect: 'manual' })
  }

  const isLive = (token: string): boolean => {
    const { family, endsAt } = issued.get(token) ?? {}
    return family?.ended === false && endsAt !== undefined && clock.now() < endsAt
  }

  const issue = (answer: Members, family: Family): Response => {
    const lasts = 'expires_in' in answer
    family.refreshToken = textOr(answer['refresh_token'], family.refreshToken)
    families.add(family)
    const endsAt = lasts ? clock.now() + LIFE_SECONDS * 1000 : Infinity
    issued.set(String(answer['access_token']), { family, endsAt })
    return json(200, lasts ? { ...answer, expires_in: LIFE_SECONDS } : answer)
  }

  const refuse = (what: 'code' | 'refreshToken'): Response =>
    json(vendor.invalidGrant.status, vendor.invalidGrant[what])

  async function redeem(url: URL, init: RequestInit, form: URLSearchParams): Promise<Response> {
    if (vendor.pkce) {
      const code = form.get('code') ?? ''
      const challenge = challenges.get(code)
      challenges.delete(code)
      if (challenge === undefined || s256(form.get('code_verifier') ?? '') !== challenge) return refuse('code')
    }
    const answer = (await (await pass(url, init)).json()) as Members
    if (answer['access_token'] === undefined) return json(vendor.invalidGrant.status, answer)
    return issue({ ...answer, ...rotation?.tokens() }, { ended: false, refreshToken: undefined, answer })
  }

  async function refresh(url: URL, init: RequestInit, form: URLSearchParams): Promise<Response> {
    const token = form.get('refresh_token')
    const family = [...families].find(({ refreshToken }) => refreshToken === token)
    if (family === undefined || family.ended) return refuse('refreshToken')
    if (rotation === undefined) return issue((await (await pass(url, init)).json()) as Members, family)
    if (form.get('client_secret') !== APP.clientSecret) return json(vendor.invalidGrant.status, rotation.wrongSecret)
    if (rotation.endsTheOneBefore) {
      for (const [before, { family: of }] of issued) if (of === family) issued.delete(before)
    }
    return issue({ ...family.answer, ...rotation.tokens() }, family)
  }

  async function revoke(url: URL, init: RequestInit): Promise<Response> {
    const body = bodyOf(init)
    if (playRevocation !== undefined) {
      const end = (token: string): boolean => isLive(token) && issued.delete(token)
      const authorization = new Headers(init.headers).get('authorization') ?? ''
      return playRevocation({ authorization, body }, end)
    }
    const token = new URLSearchParams(body).get('token')
    const of = [...families].find(({ refreshToken }) => refreshToken === token) ?? issued.get(String(token))?.family
    if (of !== undefined) of.ended = true
    return pass(url, init)
  }

  /** Checks the token and passes the request on with the emulator's own token. */
  function callApi(url: URL, init: RequestInit): Promise<Response> | Response {
    const headers = new Headers(init.headers)
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '') ?? []
    const { family } = issued.get(token) ?? {}
    if (family === undefined || !isLive(token)) return json(vendor.unauthorized.status, vendor.unauthorized.body)
    if (rotation !== undefined) headers.set('authorization', `Bearer ${String(family.answer['access_token'])}`)
    return pass(url, { ...init, headers })
  }

  /** Passes authorization pages on, and binds each code to the PKCE challenge of its request. */
  async function browse(url: URL, init: RequestInit): Promise<Response> {
    const asked = url.searchParams.get('code_challenge')
    if (asked !== null) {
      if (url.searchParams.get('code_challenge_method') !== 'S256') return json(400, { error: 'invalid_request' })
      challenges.set(url.searchParams.get('state') ?? '', asked)
    }
    const response = await pass(url, init)
    const back = response.headers.get('location')
    if (back !== null) {
      const { searchParams } = new URL(back)
      const challenge = challenges.get(searchParams.get('state') ?? '')
      if (challenge !== undefined) challenges.set(searchParams.get('code') ?? '', challenge)
    }
    return response
  }

  return {
    tokenRequests,
    live: () => [...issued.keys()].filter(isLive),
    revokeEverything() {
      for (const family of families) family.ended = true
    },
    async fetch(address, init = {}) {
      const url = new URL(address)
      const place = url.origin + url.pathname
      if (place === vendor.tokenUrl) {
        const form = new URLSearchParams(bodyOf(init))
        tokenRequests.push(form)
        return form.get('grant_type') === 'refresh_token' ? refresh(url, init, form) : redeem(url, init, form)
      }
      if (place === vendor.revocationUrl) return revoke(url, init)
      if (!address.startsWith(vendor.baseUrl)) return browse(url, init)
      return callApi(url, init)
    },
  }
}

type Members = Readonly<Record<string, unknown>>

/** Finds the user in the page, consents, and returns the callback URL. */
export async function agree({ fetch }: StrictProxy, url: string, userName: string): Promise<URL> {
  const page = await (await fetch(url)).text()
  for (const [, action = '', form = ''] of page.matchAll(/<form[^>]*\saction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)) {
    if (!form.includes(`>${userName}<`)) continue
    const fields = new URLSearchParams()
    for (const [, name = '', value = ''] of form.matchAll(/<input[^>]*\sname="([^"]*)"[^>]*\svalue="([^"]*)"/g)) {
      fields.set(name, value)
    }
    const sent = await fetch(new URL(action, url).href, { method: 'POST', body: fields })
    return new URL(sent.headers.get('location') ?? '')
  }
  throw new Error(`${userName} is not in the page: ${page.slice(0, 500)}`)
}

const s256 = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

const json = (status: number, body: object): Response => Response.json(body, { status })

const bodyOf = ({ body }: RequestInit): string => (typeof body === 'string' ? body : '')

const textOr = (value: unknown, otherwise: string | undefined): string | undefined =>
  typeof value === 'string' ? value : otherwise
