import { get, nullable, path, tool, valueAt } from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'
import * as z from 'zod'
import { count, text } from '../shapes.ts'

const reads = { effect: 'read', scopes: ['templates.read'] } as const
const Version = z.object({
  id: text,
  name: text,
  subject: text,
  active: count.describe('1 for the version that is sent.'),
  updated_at: text,
})
const Template = z.object({ id: z.string(), name: text, generation: text, updated_at: text })

/** SendGrid returns the URL of the next page, whose host may be that of another region: only its token is used. */
const pages: Pages = {
  items: 'result',
  next({ body }, request) {
    const url = valueAt(body, '_metadata.next')
    const token = typeof url === 'string' && URL.canParse(url) ? new URL(url).searchParams.get('page_token') : null
    return token === null ? undefined : { ...request, query: { ...request.query, page_token: token } }
  },
}

export const templates = {
  list_templates: tool({
    description: 'List the dynamic templates with their versions. send_template_email takes their ids.',
    ...reads,
    input: z.object({ page_size: z.number().int().min(1).max(200).default(100).describe('Templates in one page.') }),
    output: z.object({ result: z.array(Template.extend({ versions: nullable(z.array(Version)) })) }),
    request: (input) => get('templates', { generations: 'dynamic', ...input }),
    pages,
  }),
  get_template: tool({
    description: 'Get a template with the content of its versions, which shows the variables that it needs.',
    ...reads,
    input: z.object({ template_id: z.string().min(1).describe('Id of the template.') }),
    output: Template.extend({
      versions: nullable(
        z.array(
          Version.extend({
            html_content: text,
            plain_content: text,
            test_data: text.describe('Sample values, as JSON.'),
          }),
        ),
      ),
    }),
    request: (input) => get(path`templates/${input.template_id}`),
  }),
}
