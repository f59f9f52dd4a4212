import { defineConnector, noAuth, post, webhook } from '@mcpclient/core/define'
import type { Reading, ToolContext, Verifier, Webhook } from '@mcpclient/core/define'
import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'

declare const verify: Verifier

it('keeps the names of the syncs and events that are read', () => {
  const hook = webhook({
    verify,
    read: ({ header, json }) =>
      header('x-state') === 'sync'
        ? { ignore: 'the first message of a channel' }
        : { to: { channel: header('x-channel') }, sync: 'events', data: json(z.object({ n: z.number() })) },
  })
  type Read = typeof hook extends Webhook<infer R> ? R : never
  expectTypeOf<Extract<Read, { sync: unknown }>['sync']>().toEqualTypeOf<'events'>()
  expectTypeOf<Extract<Read, { sync: unknown }>['data']>().toEqualTypeOf<{ n: number }>()
  expectTypeOf(hook).toExtend<Webhook>()
})

it('refuses a verification without a secret', () => {
  expectTypeOf<[]>().not.toExtend<Parameters<Verifier['verify']>[1]>()
  expectTypeOf<['one', 'two']>().toExtend<Parameters<Verifier['verify']>[1]>()
})

it('refuses a reading without a recipient', () => {
  expectTypeOf<{ sync: 'events' }>().not.toExtend<Reading>()
  expectTypeOf<{ ignore: string }>().toExtend<Reading>()
})

it('passes the parameters of a sync to the subscription', () => {
  const hook = webhook({
    verify,
    read: () => ({ ignore: 'nothing' }),
    subscribe: {
      lifeMs: 604_800_000,
      create: ({ id, token, params }: { id: string; token: string; params: { calendar: string } }) =>
        post(`calendars/${params.calendar}/watch`, { id, token }),
      created: z.object({ resourceId: z.string() }).transform(({ resourceId }) => ({ handle: resourceId })),
    },
  })
  expectTypeOf(hook).toExtend<Webhook<Reading, { calendar: string }>>()
})

it('passes the settings of the connector to the subscription, and requires that it has them', () => {
  const hook = webhook({
    verify,
    read: () => ({ ignore: 'nothing' }),
    subscribe: {
      create: (_channel, { settings }: ToolContext<{ readonly topic: string }>) =>
        post('watch', { topic: settings.topic }),
      created: z.object({}),
    },
  })
  const base = { id: 'mail', name: 'Mail', baseUrl: 'https://mail.example/', auth: noAuth, tools: {}, webhook: hook }
  defineConnector({ ...base, settings: z.object({ topic: z.string() }) })
  // @ts-expect-error -- the connector has no such setting
  defineConnector({ ...base, settings: z.object({ region: z.string() }) })
})

it('parses a body only by a schema', () => {
  webhook({
    verify,
    // @ts-expect-error -- the body of a delivery is bytes
    read: ({ body }) => ({ ignore: String(body) }),
  })
})
