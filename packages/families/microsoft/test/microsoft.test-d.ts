import { createMcpClient } from '@mcpclient/core'
import { defineConnector, get, sync } from '@mcpclient/core/define'
import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import {
  deltaPage,
  graphSubscription,
  microsoft,
  microsoftApp,
  microsoftAppSettings,
  microsoftSettings,
  syncCodes,
} from '../src/index.ts'

const Params = z.object({ box: z.string() })
const notes = sync({
  description: 'The notes of a box.',
  params: Params,
  item: z.object({ id: z.string() }),
  key: 'id',
  codes: syncCodes,
  page: deltaPage(),
  pull: ({ params, since, page }) => get(page ?? since ?? `me/boxes/${params.box}/notes/delta`),
  get: (id) => get(`me/notes/${id}`),
})
const definition = {
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://graph.microsoft.com/v1.0/',
  tools: {},
  syncs: { notes },
} as const
const resource = ({ box }: z.output<typeof Params>) => `me/boxes/${box}/notes`

it('names the sync that a subscription wakes', () => {
  defineConnector({ ...definition, auth: microsoft(), webhook: graphSubscription('notes', { resource }) })
  // @ts-expect-error there is no sync of this name
  defineConnector({ ...definition, auth: microsoft(), webhook: graphSubscription('events', { resource }) })
})

it('types the options of the composition', () => {
  const connector = defineConnector({ ...definition, auth: microsoft(), settings: microsoftSettings })
  createMcpClient({
    connectors: { notes: connector({ clientId: 'c', clientSecret: 's', tenant: 'organizations' }) },
  })
  // @ts-expect-error a tenant is a string
  connector({ tenant: 7 })
  const app = defineConnector({ ...definition, auth: microsoftApp(), settings: microsoftAppSettings })
  expectTypeOf(app).parameter(0).toExtend<{ clientId?: string; clientSecret?: string; tenant?: string } | undefined>()
})
