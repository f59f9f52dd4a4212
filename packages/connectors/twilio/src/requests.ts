import { ConnectorError, form, get, post, urlPages } from '@mcpclient/core/define'
import type { FormValue, Pages, Query, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'
import type { Context } from './shapes.ts'

/** Returns a name as requests have it: `media_url` is `MediaUrl`, and `date_sent_after` is `DateSent>`. */
const wireName = (name: string): string =>
  name
    .replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
    .replace(/After$/, '>')
    .replace(/Before$/, '<')

const parameters = <Value>(fields: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [wireName(name), value]))

/** Creates or changes a resource. */
export const submit = (path: string, fields: Readonly<Record<string, FormValue>>): RequestSpec =>
  post(path, form(parameters(fields)))

export const list = (path: string, filter: Query): RequestSpec => get(path, parameters(filter))

/** Returns how Twilio pages a list. An account may have millions of messages: a call reads one page unless asked for more. */
export const pagesOf = (items: string): Pages => urlPages({ items, next: 'next_page_uri', max: 1 })

export const pageSize = z.number().int().min(1).max(1000).default(50).describe('Items in one page.')

/** A day or a second in UTC. */
export const when = z.union([z.iso.date(), z.iso.datetime({ precision: 0 })])

interface Draft extends Readonly<Record<string, FormValue>> {
  readonly from?: string | undefined
  readonly messaging_service_sid?: string | undefined
  readonly send_at?: string | undefined
}

/**
 * Completes a message: with the composed sender if it names none, and with the kind of its schedule.
 * @param from the composed sender of its channel
 * @throws ConnectorError INVALID_INPUT without a sender, or for a time without a messaging service. Twilio would send such a
 *   message at once. Source: https://www.twilio.com/docs/api/errors/35118
 */
export function completed(draft: Draft, { settings }: Context, from: string | undefined): Draft {
  const names = draft.from !== undefined || draft.messaging_service_sid !== undefined
  const message = names ? draft : { ...draft, from, messaging_service_sid: settings.messagingServiceSid }
  if (message.messaging_service_sid !== undefined) {
    return message.send_at === undefined ? message : { ...message, schedule_type: 'fixed' }
  }
  if (message.from === undefined) {
    throw refused(
      'from',
      'No sender was named, and Twilio was composed without one.',
      'Pass from or messaging_service_sid.',
    )
  }
  if (message.send_at === undefined) return message
  throw refused('send_at', 'Only a messaging service can send a message later.', 'Pass messaging_service_sid.')
}

/** Returns the number that a call comes from. */
export function callerOf(from: string | undefined, { settings }: Context): string {
  const caller = from ?? settings.from
  if (caller !== undefined) return caller
  throw refused('from', 'No caller was named, and Twilio was composed without one.', 'Pass from, or compose it.')
}

const refused = (path: string, message: string, hint: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, {
    hint,
    issues: [{ path, message: 'Required here.' }],
    outcome: 'not_processed',
  })
