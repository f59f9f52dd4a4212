import { defineConnector, get, oidc, tool } from '@mcpclient/core/define'
import * as z from 'zod'

/** Returns a connector to the `userinfo` endpoint of an OpenID provider. */
export const accountsAt = (issuer: string) =>
  defineConnector({
    id: 'accounts',
    name: 'Accounts',
    baseUrl: `${issuer}/`,
    auth: oidc({ issuer, scopes: ['profile'], refresh: { rotation: 'single_use' } }),
    tools: {
      whoami: tool({
        description: 'Say whose account this is.',
        effect: 'read',
        input: z.object({}),
        output: z.object({ sub: z.string(), name: z.string() }),
        request: () => get('me'),
      }),
    },
  })
