import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { Responder, FakeClock, ScriptedReply, ScriptedTransport } from '@mcpclient/testing'
import type { FlowContext } from '../../src/auth/grant-flow.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import type { OAuth2Options } from '../../src/oauth/definition.ts'
import type { Grant } from '../../src/auth/grant.ts'
import { flowContext } from './flow-context.ts'

export const AUTHORIZE = 'https://login.example/authorize'
export const TOKEN = 'https://login.example/token'
export const REVOKE = 'https://login.example/revoke'
export const ENDPOINTS = { authorizationUrl: AUTHORIZE, tokenUrl: TOKEN, revocationUrl: REVOKE } as const
export const APP = { clientId: 'app-1', clientSecret: 'client-secret-canary' } as const
export const ASK = { redirectUri: 'https://host.example/callback', state: 'state-of-this', scopes: ['read', 'write'] }
export const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary-1234&state=${ASK.state}`)

export interface ScriptedContext {
  readonly transport: ScriptedTransport
  readonly clock: FakeClock
  readonly context: FlowContext
}

/** Returns a context with a scripted authorization server and a clock that stands still. */
export function scriptedContext(
  script: Responder | readonly (ScriptedReply | Responder)[],
  given: Partial<FlowContext> = {},
): ScriptedContext {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  return { transport, clock, context: flowContext({ app: APP, transport, clock, ...given }) }
}

export const grantOf = (given: Partial<Grant> = {}): Grant => ({
  accessToken: 'access-canary-0001',
  refreshToken: 'refresh-canary-0001',
  issuedAt: 0,
  scopes: ['read', 'write'],
  ...given,
})

export const TOKENS = { access_token: 'access-2', token_type: 'Bearer', expires_in: 3600, refresh_token: 'refresh-2' }

export type Definition = Omit<OAuth2Options, 'registration' | 'tokenUrl' | 'authorizationUrl'> & {
  readonly authorizationUrl?: NonNullable<OAuth2Options['authorizationUrl']>
}

/** Returns the strategy of a test provider. */
export const strategyWith = (definition: Definition = {}) => oauth2({ ...ENDPOINTS, ...definition })
