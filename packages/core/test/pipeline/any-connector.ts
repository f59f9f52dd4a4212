import * as z from 'zod'
import { defineConnector, noAuth, tool } from '@mcpclient/core/define'
import type { AuthStrategy, RequestSpec } from '@mcpclient/core/define'

const input = z.object({ request: z.custom<RequestSpec>(), value: z.unknown().optional() })

/** Defines a connector whose tools send a given request. */
export const anyConnector = <A extends AuthStrategy>(auth: A) =>
  defineConnector({
    id: 'any',
    name: 'Any',
    baseUrl: 'https://api.example/v1/',
    hosts: ['files.example'],
    auth,
    tools: {
      read: tool({
        description: 'Send a request that reads.',
        effect: 'read',
        input,
        output: z.unknown(),
        request: ({ request }) => request,
      }),
      write: tool({
        description: 'Send a request that writes.',
        effect: 'write',
        input,
        output: z.unknown(),
        request: ({ request }) => request,
      }),
      write_once: tool({
        description: 'Send a request that writes, under an idempotency key.',
        effect: 'write',
        idempotencyKey: { header: 'Idempotency-Key' },
        input,
        output: z.unknown(),
        request: ({ request }) => request,
      }),
    },
  })

export const openConnector = anyConnector(noAuth)
