import { ConnectorError, del, nullable, post, put, webhook } from '@mcpclient/core/define'
import type { Delivery, SubscriptionChannel, ToolContext } from '@mcpclient/core/define'
import { jira as signed } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { Comment, Issue, SomeUser, Worklog } from './shapes.ts'

const text = nullable(z.string())
const timestamp = z.number().describe('When it happened, in milliseconds since 1970.')

/** Renames toString, a field that would break every conversion of the object to a string. */
const renamed = (item: unknown): unknown => {
  if (typeof item !== 'object' || item === null) return item
  const { fromString, toString: shown, ...rest } = item as Readonly<Record<string, unknown>>
  return { ...rest, fromText: fromString, toText: typeof shown === 'string' ? shown : undefined }
}
const Change = z.preprocess(
  renamed,
  z.object({ field: text, fieldId: text, from: text, fromText: text, to: text, toText: text }),
)

const IssueEvent = z.object({ timestamp, user: SomeUser, issue: Issue })
const CommentEvent = z.object({ timestamp, comment: Comment, issue: nullable(Issue) })
const WorklogEvent = z.object({ timestamp, worklog: Worklog })

/** The events of a site. Source: https://developer.atlassian.com/cloud/jira/platform/webhooks */
export const events = {
  issue_created: IssueEvent,
  issue_updated: IssueEvent.extend({
    changelog: nullable(z.object({ id: text, items: z.array(Change) })).describe('The fields that changed.'),
  }),
  issue_deleted: IssueEvent,
  comment_created: CommentEvent,
  comment_updated: CommentEvent,
  comment_deleted: CommentEvent,
  worklog_created: WorklogEvent,
  worklog_updated: WorklogEvent,
  worklog_deleted: WorklogEvent,
}

type EventName = keyof typeof events
const isEvent = (name: string): name is EventName => Object.hasOwn(events, name)

const Entity = nullable(z.object({ self: z.url() }))
const Envelope = z.object({
  webhookEvent: z.string(),
  /** The subscriptions that match. Absent for webhooks that an administrator set up. */
  matchedWebhookIds: nullable(z.array(z.number())),
  issue: Entity,
  comment: Entity,
  worklog: Entity,
})

/** Returns the handle of a subscription, whose id is unique on its site only. */
const handleOf = (siteUrl: string, webhookId: number | string): string => `${siteUrl}#${webhookId}`
const idIn = (handle: string): number => Number(handle.slice(handle.lastIndexOf('#') + 1))

// Jira signs no id of a delivery, so the body identifies it.
const read = ({ json }: Delivery) => {
  const { webhookEvent, matchedWebhookIds: ids = [], issue, comment, worklog } = json(Envelope)
  const name = webhookEvent.replace(/^jira:/, '')
  if (!isEvent(name)) return { ignore: `events of the type ${webhookEvent}` }
  const entity = issue ?? comment ?? worklog
  if (entity === undefined) return { ignore: 'an event without an issue, a comment or a worklog' }
  const site = new URL(entity.self).origin
  const schema: z.ZodType = events[name]
  const notice = { event: name, data: json(schema) }
  if (ids.length === 0) return { ...notice, to: { account: site } }
  return ids.map((id) => ({ ...notice, to: { handle: handleOf(site, id) } }))
}

/** The deliveries of webhooks that an administrator of the site sets up with a secret. */
export const siteWebhook = webhook({ verify: signed(), read })

const DAY_MS = 86_400_000
const DYNAMIC = [
  'issue_created',
  'issue_updated',
  'issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
]
const wireName = (name: string): string => (name.startsWith('issue_') ? `jira:${name}` : name)

/** The parameters of a subscription. */
export interface Subscribed {
  /** @default all six events of issues and comments */
  readonly events?: readonly string[]
  /** Operators are =, !=, IN and NOT IN, for project, issueKey, issuetype, status, assignee and reporter. @default all issues */
  readonly jqlFilter?: string
  /** Only updates of these fields. */
  readonly fieldIdsFilter?: readonly string[]
}
type Context = ToolContext<{ readonly siteUrl?: string | undefined }>

const siteOf = ({ settings }: Context): string => {
  if (settings.siteUrl !== undefined) return settings.siteUrl
  throw new ConnectorError('CONFIGURATION_ERROR', 'jira does not know the URL of the site.', {
    hint: "Pass siteUrl: 'https://your-site.atlassian.net' as a setting of the connection.",
  })
}

/** The deliveries of webhooks that the app registers for a connection, which expire after 30 days. */
export const appWebhook = webhook({
  verify: signed(),
  read,
  subscribe: {
    lifeMs: 30 * DAY_MS,
    create({ address, params }: SubscriptionChannel<Subscribed>, context: Context) {
      siteOf(context)
      // Jira takes no empty filter, and every issue has a project.
      const { events: names = DYNAMIC, jqlFilter = 'project != null', fieldIdsFilter } = params
      return post('webhook', { url: address, webhooks: [{ events: names.map(wireName), jqlFilter, fieldIdsFilter }] })
    },
    created: z.union([
      z
        .object({ webhookRegistrationResult: z.tuple([z.object({ createdWebhookId: z.number() })]) })
        .transform(({ webhookRegistrationResult: [{ createdWebhookId }] }) => ({ handle: String(createdWebhookId) })),
      z
        .object({ expirationDate: z.union([z.number(), z.string()]) })
        .transform(({ expirationDate }) => ({ expiresAt: new Date(expirationDate).getTime() })),
    ]),
    handleOf: (id, context: Context) => handleOf(siteOf(context), id),
    renew: ({ handle }) => put('webhook/refresh', { webhookIds: [idIn(handle)] }),
    stop: ({ handle }) => del('webhook', { webhookIds: [idIn(handle)] }),
  },
})
