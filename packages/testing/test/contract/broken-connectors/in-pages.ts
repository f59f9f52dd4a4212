import * as z from 'zod'
import { withClient } from '@mcpclient/core'
import type { Call } from '@mcpclient/core'
import { cursorPages, defineConnector, get } from '@mcpclient/core/define'
import type { Pages, Reply } from '@mcpclient/core/define'
import type { ContractFactory } from '../../../src/contract/connector-checks/subject.ts'
import { definition, listNotes, notes, NotesClient } from '../notes-connector.ts'
import { withTools } from './broken-connector.ts'
import type { BrokenConnector } from './broken-connector.ts'

const withPages = (pages: Pages): ContractFactory => withTools({ list_notes: { ...listNotes, pages } })

const cursor = cursorPages({ items: 'notes', next: 'next_cursor', param: 'cursor' })
const listed = (reply: Reply): readonly unknown[] => z.object({ notes: z.array(z.unknown()) }).parse(reply.body).notes

export const paging: readonly BrokenConnector[] = [
  {
    mistake: 'a paged tool that is shown with one page',
    factory: notes,
    fixtures: [{ tool: 'list_notes', response: { json: { notes: [] } }, output: { notes: [] } }],
    found: ['paging: every paged tool has a fixture of two pages or more'],
    sentence: /list_notes: no fixture turns a page/,
  },
  {
    mistake: 'pages that end with a short one',
    factory: withPages({
      ...cursor,
      next: (reply, request) => (listed(reply).length < 2 ? undefined : cursor.next(reply, request)),
    }),
    found: ['paging: a short page is not the last one'],
    sentence: /list_notes: a page with one item that names the next one must not end the list/,
  },
  {
    mistake: 'pages that end with an empty one',
    factory: withPages({
      ...cursor,
      next: (reply, request) => (listed(reply).length === 0 ? undefined : cursor.next(reply, request)),
    }),
    found: ['paging: an empty page is not the last one'],
    sentence: /list_notes: an empty page that names the next one must not end the list/,
  },
  {
    mistake: 'a client that follows a cursor forever',
    factory: withClient(
      notes,
      class extends NotesClient {
        protected override async perform(call: Call): Promise<unknown> {
          if (call.toolName !== 'list_notes') return super.perform(call)
          for (let page = 0; page < 20; page++) await this.host.request(call, get('notes'), { effect: 'read' })
          return { notes: [], complete: true }
        }
      },
    ),
    found: ['paging: a page that leads back to itself ends the list'],
    sentence: /list_notes: when a provider returns the same page forever, the list must end/,
  },
  {
    mistake: 'links to anywhere',
    factory: defineConnector({ ...definition, hosts: ['files.notes.example', 'undeclared.example'] }),
    found: ['paging: a link to a host that is not declared is not followed'],
    sentence: /list_files: it followed the link https:\/\/undeclared\.example/,
  },
  {
    mistake: 'a client whose pages() forgets the rest',
    factory: withClient(
      notes,
      class extends NotesClient {
        protected override async performInParts(call: Call): Promise<AsyncIterable<unknown>> {
          const parts = await super.performInParts(call)
          return (async function* (): AsyncGenerator<unknown> {
            for await (const part of parts) return yield part
          })()
        }
      },
    ),
    found: ['paging: pages() yields the items that call() collects'],
    sentence: /pages\(\) gives other items than call\(\)/,
  },
]
