import { mark, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { allOrNone, writes } from '../inputs.ts'
import type { Context } from '../settings.ts'
import { SubrequestResult } from '../shapes.ts'

const Subrequest = z
  .object({
    method: z.enum(['GET', 'POST', 'PATCH']),
    url: z
      .string()
      .regex(/^(?:sobjects\/|query\/?\?q=)/, 'Start with sobjects/ or query?q=.')
      .refine((url) => !/(?:^|\/)\.\.?(?:[/?]|$)|[\s\\#]/.test(url), 'Leave out dot segments, spaces and #.')
      .describe('Such as sobjects/Contact, or sobjects/Account/@{account.id} for the id in an earlier result.'),
    referenceId: z
      .string()
      .regex(/^[A-Za-z]\w{0,39}$/)
      .describe('Name of the result, for later requests and the output.'),
    body: z.record(z.string(), z.unknown()).optional().describe('Fields by API name, for POST and PATCH.'),
  })
  .refine(({ method, body }) => (method === 'GET') === (body === undefined), {
    path: ['body'],
    message: 'POST and PATCH need a body, and GET has none.',
  })

// At most 25 requests. https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-composite-post.html
const compositeRequest = mark(z.array(Subrequest).min(1).max(25), { destination: 'channel' })
  .refine(
    (all) => new Set(all.map(({ referenceId }) => referenceId)).size === all.length,
    'Each referenceId is used once.',
  )
  .describe('At most 5 of them may be queries.')

export const composite = {
  send_composite: tool({
    description:
      'Create, change and read records that depend on each other, in one request. A later part refers to the result of an ' +
      'earlier one as @{referenceId.field}. Check httpStatusCode of each result. It deletes nothing.',
    ...writes,
    input: z.object({ allOrNone, compositeRequest }),
    output: z.object({ compositeResponse: z.array(SubrequestResult) }),
    request: ({ compositeRequest: all, ...input }, { settings }: Context) =>
      post('composite', {
        ...input,
        compositeRequest: all.map((each) => ({ ...each, url: `/services/data/v${settings.version}/${each.url}` })),
      }),
    preview: ({ compositeRequest: all }) => `Send ${all.map(({ method, url }) => `${method} ${url}`).join(', ')}.`,
    undo: 'impossible',
    reconcile: 'Find the records with find_records, ordered by LastModifiedDate, before you send it again.',
    examples: [
      {
        input: {
          allOrNone: true,
          compositeRequest: [
            { method: 'POST', url: 'sobjects/Account', referenceId: 'account', body: { Name: 'Heron Fisheries' } },
            {
              method: 'POST',
              url: 'sobjects/Contact',
              referenceId: 'contact',
              body: { LastName: 'Reed', AccountId: '@{account.id}' },
            },
          ],
        },
      },
    ],
  }),
}
