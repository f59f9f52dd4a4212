import { defineConnector, get, path } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { systemUserToken } from '@mcpclient/meta'
import { errors } from './errors.ts'
import { deliveries, events } from './events.ts'
import { Settings } from './shapes.ts'
import { account } from './tools/account.ts'
import { media } from './tools/media.ts'
import { messages } from './tools/messages.ts'

const definition = defineConnector({
  id: 'whatsapp-cloud',
  name: 'WhatsApp',
  description: 'Send and receive messages with a phone number of the WhatsApp Cloud API.',
  docs: 'https://developers.facebook.com/docs/whatsapp/cloud-api',
  baseUrl: ({ settings }) => `https://graph.facebook.com/${settings.version}/`,
  // The files of messages.
  hosts: ['lookaside.fbsbx.com'],
  auth: systemUserToken(),
  settings: Settings,
  check: {
    request: ({ settings }) =>
      get(path`${settings.phoneNumberId}`, { fields: 'id,display_phone_number,verified_name' }),
    account: { id: 'id', name: ['verified_name', 'display_phone_number'] },
  },
  errors,
  tools: { ...messages, ...media, ...account },
  webhook: deliveries,
  events,
})

/** The tools, events and settings of WhatsApp, under one name for editors. */
export interface WhatsappCloudTypes extends TypesOfFactory<typeof definition> {}

/** Connects a WhatsApp Business number: `whatsappCloud({ token, phoneNumberId, businessAccountId })`. */
export const whatsappCloud: NamedFactory<typeof definition, WhatsappCloudTypes> = definition
