import type { Store } from '@mcpclient/core'
import type { CalendarEvent } from '@mcpclient/shapes'
import { sqliteStore } from '@mcpclient/sqlite'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar, simulatedGraph } from '@mcpclient/testing/simulators'
import { Report } from '@mcpclient/example-report'
import { createApp } from './app.ts'
import type { App } from './app.ts'

const MINUTE = 60_000
const accessToken = 'an-access-token'
const report = new Report()
const clock = createFakeClock()
const database = sqliteStore({ file: ':memory:' })
let app: App | undefined

/** Hands a notification to the app, if it is running. */
const deliver = (request: Request): Promise<Response> =>
  app === undefined ? Promise.resolve(new Response(null, { status: 503 })) : app.hooks.receive(request)

const google = simulatedGoogleCalendar({
  clock,
  random: seededRandom(1),
  accessToken,
  calendars: [{ id: 'ada@example.com', summary: 'Ada', timeZone: 'Europe/Berlin' }],
  deliver,
})
const outlook = simulatedGraph({ clock, random: seededRandom(2), accessToken, deliver })

const fetch = (request: Request): Promise<Response> =>
  new URL(request.url).hostname === 'graph.microsoft.com' ? outlook.handle(request) : google.handle(request)

/** Returns a store that fails after some writes, like one whose process was killed. */
function mortal(store: Store, writes: number): Store {
  let left = writes
  const alive = <Result>(run: () => Promise<Result>): Promise<Result> =>
    left <= 0 ? Promise.reject(new Error('The process was killed.')) : run()
  const write = <Result>(run: () => Promise<Result>): Promise<Result> =>
    alive(() => {
      left--
      return run()
    })
  return {
    get: (key) => alive(() => store.get(key)),
    list: (...given) => alive(() => store.list(...given)),
    put: (...given) => write(() => store.put(...given)),
    delete: (...given) => write(() => store.delete(...given)),
  }
}

const start = async (store: Store): Promise<App> => {
  const started = createApp({ clock, store, accessToken, fetch })
  app = started
  await clock.until(started.start())
  return started
}

/** Advances time, and lets the app run what is due. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await clock.advance(MINUTE)
    if (app !== undefined) await clock.until(app.work.runDue().catch(() => undefined))
  }
}

const sorted = (titles: readonly unknown[]): string => titles.map(String).toSorted().join(', ')
const inGoogle = (): string =>
  sorted(
    google
      .events()
      .filter(({ status }) => status !== 'cancelled')
      .map(({ summary }) => summary),
  )
const inOutlook = (): string =>
  sorted(
    outlook
      .events()
      .all()
      .map(({ subject }) => subject),
  )
const inTable = async (): Promise<string> =>
  sorted((await Array.fromAsync(app?.events.rows() ?? [])).map(({ item }) => item.title))
const areEqual = async (): Promise<boolean> =>
  inGoogle() !== '' && inGoogle() === inOutlook() && inGoogle() === (await inTable())

const at = (hour: number): Pick<CalendarEvent, 'start' | 'end'> => ({
  start: { dateTime: `2026-02-02T${hour}:00:00+01:00`, timeZone: 'Europe/Berlin' },
  end: { dateTime: `2026-02-02T${hour}:30:00+01:00`, timeZone: 'Europe/Berlin' },
})
const outlookAt = (hour: number) => ({
  start: { dateTime: `2026-02-02T${hour}:00:00`, timeZone: 'Europe/Berlin' },
  end: { dateTime: `2026-02-02T${hour}:30:00`, timeZone: 'Europe/Berlin' },
})
const rowOf = async (title: string) => {
  const rows = await Array.fromAsync(app?.events.rows() ?? [])
  const row = rows.find(({ item }) => item.title === title)
  if (row === undefined) throw new Error(`No row has the title ${title}.`)
  return row
}
const edit = async (title: string, changes: Partial<CalendarEvent>): Promise<void> => {
  const { id, version, item } = await rowOf(title)
  await app?.events.put({ id, key: id, item: { ...item, ...changes }, ifVersion: version })
}

try {
  report.title(
    'Two calendars, one table',
    'Google and Outlook are equal with one table of the app, and with each other',
  )

  report.chapter('The first sync')
  await google.insert({
    id: 'standup',
    summary: 'Stand-up',
    ...at(10),
    recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
    colorId: '5',
  })
  await outlook.events().insert({ subject: 'Dentist', ...outlookAt(14), importance: 'high' })
  const first = await start(database)
  await pass(20)
  report.note(await inTable())
  report.claim('both calendars and the table have both events', await areEqual())
  const series = outlook
    .events()
    .all()
    .find(({ subject }) => subject === 'Stand-up')
  report.claim(
    "Google's weekly series is a weekly series in Outlook",
    JSON.stringify(series?.['recurrence']).includes('"type":"weekly"'),
  )

  report.chapter('A change on each side')
  await edit('Stand-up', { location: 'Room 1' })
  const dentist = outlook
    .events()
    .all()
    .find(({ subject }) => subject === 'Dentist')
  await outlook.events().patch(String(dentist?.['id']), { subject: 'Dentist, again' })
  await first.events.create({ title: 'Lunch', ...at(12), busy: false })
  await first.wake()
  await pass(40)
  report.note(await inTable())
  report.claim('all three are equal', await areEqual())
  report.claim(
    'the place is in both calendars',
    google.events().some(({ location }) => location === 'Room 1') &&
      JSON.stringify(outlook.events().all()).includes('Room 1'),
  )
  report.claim(
    'what only Google has stays there',
    google.events().some(({ colorId }) => colorId === '5'),
  )
  report.claim('what only Outlook has stays there', JSON.stringify(outlook.events().all()).includes('"high"'))

  report.chapter('The process is killed while it creates events')
  await first.close()
  let kills = 0
  for (const writes of [45, 60, 80, 110]) {
    const dying = await start(mortal(database, writes)).catch(() => undefined)
    if (kills === 0) {
      for (const title of ['Review', 'Retrospective', 'Planning']) {
        await dying?.events.create({ title, ...at(15 + kills) }).catch(() => undefined)
      }
      await google.insert({ id: 'dinner', summary: 'Dinner', ...at(20) })
    }
    await pass(3)
    await dying?.close().catch(() => undefined)
    app = undefined
    kills++
  }
  const second = await start(database)
  await pass(45)
  report.note(await inTable())
  report.claim(`after ${kills} kills all three are equal, and no event exists twice`, await areEqual())

  report.chapter('Both providers forget the cursor, and events are deleted meanwhile')
  await google.remove('dinner')
  const lunch = outlook
    .events()
    .all()
    .find(({ subject }) => subject === 'Lunch')
  await outlook.events().remove(String(lunch?.['id']))
  google.expireSyncTokens()
  outlook.expireDeltaLinks()
  await pass(60)
  report.note(second.recoveries.join(', '))
  report.claim('both are listed again', new Set(second.recoveries).size === 2)
  report.claim('the deleted events are gone everywhere', (await areEqual()) && !/Dinner|Lunch/.test(await inTable()))

  report.chapter('A series that Outlook cannot repeat')
  await google.insert({
    id: 'class',
    summary: 'Class',
    ...at(18),
    recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO', 'EXDATE;TZID=Europe/Berlin:20260209T180000'],
  })
  // A record is parked when it has failed three times.
  for (let run = 0; run < 4; run++) {
    await pass(20)
    await second.wake()
  }
  const parked = await Array.fromAsync(second.calendars.parked(second.targets[1]))
  const reason = parked.find(({ kind }) => kind === 'failing')?.reason ?? ''
  report.note(reason)
  report.claim('it is in Google and in the table', inGoogle() === (await inTable()) && inGoogle().includes('Class'))
  report.claim('it is parked for Outlook, with the reason', reason.includes('excluded days'))
  await google.remove('class')
  await pass(60)

  report.chapter('Quiet')
  const writes = second.writes()
  await second.wake()
  await pass(60)
  report.claim('all three are equal', await areEqual())
  report.claim('nothing is written any more', second.writes() === writes)
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
} finally {
  await app?.close()
  await database.close?.()
}
