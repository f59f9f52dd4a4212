import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import client from '@sendgrid/client'
import sdk from '@sendgrid/mail'
import { expect, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

type MailDataRequired = Extract<Parameters<typeof sdk.send>[0], { readonly from: unknown }>
const TOKEN = 'SG.recorded'
const FROM = { email: 'ada@marshes.example', name: 'Ada Reed' }

/** The input of a fixture, as far as the calls below take it apart. */
interface Input extends Omit<MailDataRequired, 'from' | 'attachments' | 'asm' | 'replyTo'> {
  readonly from?: MailDataRequired['from']
  readonly replyTo?: readonly (string | { readonly email: string; readonly name?: string })[]
  readonly inReplyTo?: string
  readonly references?: readonly string[]
  readonly attachments?: readonly {
    readonly filename: string
    readonly content: string
    readonly contentType?: string
    readonly contentId?: string
  }[]
  readonly custom_args?: Record<string, string>
  readonly asm?: { readonly group_id: number; readonly groups_to_display: number[] }
  readonly template_id?: string
  readonly dynamic_template_data?: Record<string, unknown>
  readonly send_at?: number
  readonly batch_id?: string
}

const bare = (id: string): string => id.replaceAll(/[<>]/g, '')
const idsOf = (ids: readonly string[]): string => ids.map((id) => `<${bare(id)}>`).join(' ')

/** Returns an e-mail in the terms of SendGrid's library, which refuses members that are undefined. */
function dataOf(input: Input, batchId: string | undefined): MailDataRequired {
  const { replyTo, inReplyTo, references, attachments, custom_args, asm, ...rest } = input
  const { template_id, dynamic_template_data, send_at, batch_id: _batch, ...fields } = rest
  const data: Partial<MailDataRequired> = {
    from: FROM,
    ...fields,
    ...(replyTo !== undefined && {
      replyToList: replyTo.map((box) => (typeof box === 'string' ? { email: box } : box)),
    }),
    ...(inReplyTo !== undefined && {
      headers: { 'In-Reply-To': idsOf([inReplyTo]), References: idsOf(references ?? []) },
    }),
    ...(attachments && {
      attachments: attachments.map(({ contentType, contentId, ...file }) => ({
        ...file,
        ...(contentType !== undefined && { type: contentType }),
        // The library passes on contentId as it is, and SendGrid does not know it.
        ...(contentId !== undefined && { content_id: bare(contentId) }),
        disposition: contentId === undefined ? 'attachment' : 'inline',
      })),
    }),
    ...(custom_args && { customArgs: custom_args }),
    ...(asm && { asm: { groupId: asm.group_id, groupsToDisplay: asm.groups_to_display } }),
    ...(template_id !== undefined && { templateId: template_id }),
    ...(dynamic_template_data && { dynamicTemplateData: dynamic_template_data }),
    ...(send_at !== undefined && { sendAt: send_at }),
    ...(batchId !== undefined && { batchId }),
  }
  return data as MailDataRequired
}

const BATCH = 'HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi'

/** The library sends e-mails, and nothing else. */
const calls: SdkCalls<typeof sdk, Input> = {
  send_email: (mail, input) => mail.send(dataOf(input, undefined)),
  send_template_email: (mail, input) => mail.send(dataOf(input, undefined)),
  schedule_email: (mail, input) => mail.send(dataOf(input, BATCH)),
}

const cases = succeedingCases<Input>(import.meta.dirname).filter(([, { tool }]) => tool in calls)

it.each(cases)("sends the same e-mail as SendGrid's own library for %s", async (_name, fixture) => {
  const { ours, theirs } = await compareWithSdk(fixture, {
    connector: ({ url }) => sendgrid({ token: TOKEN, baseUrl: `${url}/v3/`, ...fixture.settings }),
    sdk: ({ url }) => {
      client.setApiKey(TOKEN)
      client.setDefaultRequest('baseUrl', url)
      sdk.setClient(client)
      const { sandbox } = { sandbox: false, ...fixture.settings }
      const settings = sandbox ? { mailSettings: { sandboxMode: { enable: true } } } : {}
      return calls[fixture.tool]?.(sdk, { ...fixture.input, ...settings })
    },
    headers: ['authorization', 'content-type'],
  })
  // The library cannot create a batch.
  expect(ours.filter(({ path }) => !path.endsWith('/mail/batch'))).toEqual(theirs)
})
