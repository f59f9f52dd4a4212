import * as z from 'zod'
import { defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import { scriptedTransport } from '../../transports/scripted-transport.ts'
import type { ScriptedResponse } from '../../transports/scripted-response.ts'

interface Family {
  readonly account: string
  access: string
  refresh: string
  readonly spent: Set<string>
  ended: boolean
}

const ORIGIN = 'https://provider.example'
const TOKEN_SECONDS = 3600
export const REDIRECT_URI = 'https://host.example/callback'

/**
 * Returns a strict provider in memory: a refresh token is valid once, and replaying one revokes every token
 * that was issued for it (RFC 9700, section 4.14.2). It responds after a turn of the event loop, so that callers overlap.
 */
export function rotatingProvider() {
  const families: Family[] = []
  let made = 0
  const seen = { refreshes: 0, reuses: 0, revocations: 0 }
  const faults = {
    tokenResponse: undefined as ScriptedResponse | undefined,
    gate: undefined as Promise<void> | undefined,
  }

  const token = (kind: string) => `${kind}-secret-${++made}`
  const issue = (family: Family): ScriptedResponse => {
    family.access = token('access')
    family.refresh = token('refresh')
    const { access, refresh } = family
    return {
      json: {
        access_token: access,
        refresh_token: refresh,
        token_type: 'Bearer',
        expires_in: TOKEN_SECONDS,
        scope: 'notes',
      },
    }
  }
  const refuse = (error: string): ScriptedResponse => ({ status: 400, json: { error } })

  const refresh = (spent: string): ScriptedResponse => {
    const family = families.find((each) => each.refresh === spent || each.spent.has(spent))
    if (family === undefined || family.ended) return refuse('invalid_grant')
    if (family.spent.has(spent)) {
      seen.reuses++
      family.ended = true
      return refuse('invalid_grant')
    }
    seen.refreshes++
    family.spent.add(spent)
    return issue(family)
  }

  const redeem = (code: string): ScriptedResponse => {
    const family: Family = { account: code, access: '', refresh: '', spent: new Set(), ended: false }
    families.push(family)
    return issue(family)
  }

  const response = ({ path, form, headers }: RecordedRequest): ScriptedResponse => {
    const field = (name: string): string => String(form?.[name] ?? '')
    const bearer = (headers['authorization'] ?? '').replace('Bearer ', '')
    if (path === '/token') {
      if (faults.tokenResponse !== undefined) return faults.tokenResponse
      return field('grant_type') === 'refresh_token' ? refresh(field('refresh_token')) : redeem(field('code'))
    }
    if (path === '/revoke') {
      const family = families.find(({ access, refresh: last }) => [access, last].includes(field('token')))
      if (family) family.ended = true
      seen.revocations++
      return { status: 200 }
    }
    const family = families.find(({ access, ended }) => access === bearer && !ended)
    return family ? { json: { account: family.account } } : { status: 401, json: { error: 'invalid_token' } }
  }

  const connector = defineConnector({
    id: 'scenario',
    name: 'Scenario',
    baseUrl: `${ORIGIN}/api/`,
    auth: oauth2({
      authorizationUrl: `${ORIGIN}/authorize`,
      tokenUrl: `${ORIGIN}/token`,
      revocationUrl: `${ORIGIN}/revoke`,
      scopes: ['notes'],
      refresh: { rotation: 'single_use' },
    }),
    tools: {
      whoami: tool({
        description: 'Say whose account this is.',
        effect: 'read',
        input: z.object({}),
        output: z.object({ account: z.string() }),
        request: () => get('whoami'),
      }),
    },
  })

  return {
    seen,
    faults,
    connector: () => connector({ clientId: 'client', clientSecret: 'client-secret-value' }),
    transport: () =>
      scriptedTransport(async (request) => {
        if (request.path === '/token') await faults.gate
        await new Promise((resolve) => setTimeout(resolve))
        return response(request)
      }),
    /** Revokes every grant, as users do in the settings of their account. */
    endEverything: () => {
      for (const family of families) family.ended = true
    },
    /** Returns whether a string contains any issued secret. */
    isSecret: (text: string) => /(?:access|refresh)-secret-\d|client-secret-value/.test(text),
  }
}
