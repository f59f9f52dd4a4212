import { createMcpClient } from '@mcpclient/core'
import { defineConnector, get, sync } from '@mcpclient/core/define'
import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { google, googleServiceAccount, syncCodes, syncPage, watchChannel } from '../src/index.ts'

const Params = z.object({ box: z.string() })
const notes = sync({
  description: 'The notes of a box.',
  params: Params,
  item: z.object({ id: z.string() }),
  key: 'id',
  codes: syncCodes,
  page: syncPage('items', { isRemoved: () => false }),
  pull: ({ since, page }) => get('notes', { syncToken: since, pageToken: page }),
  get: (id) => get(`notes/${id}`),
})
const definition = {
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.googleapis.com/v1/',
  tools: {},
  syncs: { notes },
} as const

it('names the sync that a channel wakes', () => {
  const box = ({ box }: z.output<typeof Params>) => box
  defineConnector({ ...definition, auth: google(), webhook: watchChannel('notes', { watch: box }) })
  // @ts-expect-error there is no sync of this name
  defineConnector({ ...definition, auth: google(), webhook: watchChannel('events', { watch: box }) })
})

it('types the options of the composition', () => {
  const connector = defineConnector({ ...definition, auth: google() })
  createMcpClient({ connectors: { notes: connector({ clientId: 'c', clientSecret: 's' }) } })
  const service = defineConnector({ ...definition, auth: googleServiceAccount() })
  expectTypeOf(service)
    .parameter(0)
    .toExtend<{ clientEmail?: string; privateKey?: string; subject?: string } | undefined>()
  // @ts-expect-error a service account has no client id
  service({ clientId: 'c' })
})
