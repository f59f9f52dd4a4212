import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import type { SyncFigures, SyncSubject } from '../sync/syncing-process.ts'

const CONTACTS = 100_000
const PAGE_SIZE = 1000
const MESSAGES = 10_000
/** Gmail's units: a page of 500 ids, a message, and the profile with the first cursor. */
const [LIST_UNITS, GET_UNITS, PROFILE_UNITS, IDS_PER_PAGE] = [5, 5, 1, 500]

/** Measures the first sync of large accounts at Google, and the requests and quota of one without a change. */
export const providers: Section = {
  name: 'providers',
  async measure(run) {
    const [contacts, messages] = run.quick ? [CONTACTS / 10, MESSAGES / 10] : [CONTACTS, MESSAGES]
    run.progress(`sync of ${contacts} contacts`)
    const people = await measured('people-api', { contacts }, { sync: 'contacts', count: contacts })
    run.progress(`sync of ${messages} messages`)
    const mail = await measured('mailbox', { messages }, { sync: 'messages', count: messages })
    const units = await mail.api.ask<number>('units')
    await Promise.all([people.api.close(), mail.api.close()])
    const least = messages * GET_UNITS + Math.ceil(messages / IDS_PER_PAGE) * LIST_UNITS + PROFILE_UNITS
    const both = [people.figures, mail.figures]
    const row = (what: string, unit: string, of: (figures: SyncFigures) => number) => [what, ...both.map(of), unit]
    return {
      tables: [
        {
          title: 'A first sync of an account at Google, and one without a change',
          columns: ['records', `${contacts} contacts`, `${messages} messages`, 'unit'],
          rows: [
            row('first sync', 's', ({ seconds }) => seconds),
            row('its requests', '', ({ requests }) => requests),
            row('growth of the heap', 'MB', ({ firstMb }) => firstMb),
            row('CPU, all of the process', 'us each', ({ cpuUs }) => cpuUs),
            row('requests of a sync without a change', '', ({ incrementalRequests }) => incrementalRequests),
            ['quota units of both, Gmail', '', units, 'units'],
          ],
        },
      ],
      goals: [
        judge('G24', `requests of a first sync of ${contacts} contacts`, 'requests', people.figures.requests, {
          atMost: Math.ceil(contacts / PAGE_SIZE) + 1,
        }),
        judge('G24', `growth of the heap in it`, 'MB', people.figures.firstMb, { atMost: 32 }),
        judge('G24', 'contacts that it did not create', 'contacts', contacts - people.figures.created, { atMost: 0 }),
        judge('G25', `quota units of two syncs of ${messages} messages`, 'units', units, { atMost: least * 1.02 }),
        judge('G25', 'messages that it did not create', 'messages', messages - mail.figures.created, { atMost: 0 }),
        judge('G25', 'growth of the heap in it', 'MB', mail.figures.firstMb, { atMost: 32 }),
      ],
      figures: { contacts: people.figures, messages: mail.figures, units, least },
    }
  },
}

/** Starts an API, and measures two syncs with it. The API stays open. */
async function measured(api: 'people-api' | 'mailbox', size: object, subject: Omit<SyncSubject, 'url'>) {
  const server = startProcess(`sync/${api}-process.ts`)
  const process = startProcess('sync/syncing-process.ts', { nodeOptions: ['--expose-gc'] })
  try {
    const url = await server.ask<string>('listen', size)
    return { api: server, figures: await process.ask<SyncFigures>('measure', { ...subject, url }) }
  } finally {
    await process.close()
  }
}
