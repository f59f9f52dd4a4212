import * as z from 'zod'
import { defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import { scriptedTransport } from '../../transports/scripted-transport.ts'
import type { ScriptedAnswer } from '../../transports/scripted-answer.ts'

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
 * A provider as strict as they come, in memory: refresh tokens can be spent once, and showing one again ends everything
 * that came of it (RFC 9700, section 4.14.2). It takes a turn of the event loop to answer, so that callers overlap.
 */
export function rotatingProvider() {
  const families: Family[] = []
  let made = 0
  const seen = { refreshes: 0, reuses: 0, revocations: 0 }
  const faults = { tokenAnswer: undefined as ScriptedAnswer | undefined, gate: undefined as Promise<void> | undefined }

  const token = (kind: string) => `${kind}-secret-${++made}`
  const issue = (family: Family): ScriptedAnswer => {
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
  const refuse = (error: string): ScriptedAnswer => ({ status: 400, json: { error } })

  const refresh = (spent: string): ScriptedAnswer => {
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

  const redeem = (code: string): ScriptedAnswer => {
    const family: Family = { account: code, access: '', refresh: '', spent: new Set(), ended: false }
    families.push(family)
    return issue(family)
  }

  const answer = ({ path, form, headers }: RecordedRequest): ScriptedAnswer => {
    const field = (name: string): string => String(form?.[name] ?? '')
    const bearer = (headers['authorization'] ?? '').replace('Bearer ', '')
    if (path === '/token') {
      if (faults.tokenAnswer !== undefined) return faults.tokenAnswer
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
        return answer(request)
      }),
    /** Ends every grant, as users do in their account's settings. */
    endEverything: () => {
      for (const family of families) family.ended = true
    },
    /** Every secret that was ever handed out. */
    isSecret: (text: string) => /(?:access|refresh)-secret-\d|client-secret-value/.test(text),
  }
}
