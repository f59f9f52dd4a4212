import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import { Report } from '@mcpclient/example-report'
import { startApp } from './app.ts'
import type { App } from './app.ts'

const MINUTE = 60_000
const accessToken = 'an-access-token'
const report = new Report()
const clock = createFakeClock()
const apps: App[] = []

const google = simulatedGoogleCalendar({
  clock,
  random: seededRandom(1),
  accessToken,
  calendars: [{ id: 'ada@example.com', summary: 'Ada', timeZone: 'Europe/Berlin' }],
  // Google calls the public address of each app.
  deliver: (request) => {
    const app = apps.find(({ name }) => new URL(request.url).hostname === `${name}.example`)
    return app === undefined ? Promise.resolve(new Response(null, { status: 404 })) : app.hooks.receive(request)
  },
})

/** Advances time, and lets both apps run what is due. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await clock.advance(MINUTE)
    for (const { work } of apps) await clock.until(work.runDue())
  }
}

const start = async (name: string): Promise<App> => {
  const app = await clock.until(startApp({ name, clock, accessToken, fetch: (request) => google.handle(request) }))
  apps.push(app)
  return app
}

const titles = (events: readonly Readonly<Record<string, unknown>>[]): string =>
  events
    .filter(({ status }) => status !== 'cancelled')
    .map(({ summary }) => String(summary))
    .toSorted()
    .join(', ')
const areEqual = (): boolean =>
  apps.every(({ table }) => titles(table.items()) === titles(google.events())) && titles(google.events()) !== ''
const at = (hour: string) => ({
  start: { dateTime: `2026-02-02T${hour}:00:00+01:00` },
  end: { dateTime: `2026-02-02T${hour}:30:00+01:00` },
})

try {
  report.title('Two apps, one Google Calendar', 'two-way sync that converges, and webhooks that wake it')

  report.chapter('The first sync')
  await google.insert({ id: 'standup', summary: 'Stand-up', ...at('09') })
  const [red, blue] = [await start('red'), await start('blue')]
  await pass(1)
  report.claim('both apps have the event', areEqual())

  report.chapter('An app creates an event; a webhook wakes the other app')
  red.table.insert({ summary: 'Lunch', ...at('12') })
  await red.calendars.wake(red.target)
  await pass(7)
  report.note(titles(google.events()))
  // While a webhook reports changes, an app polls every six hours.
  report.claim('minutes later it is in the calendar and in the other app', areEqual())

  report.chapter('The network fails after Google created an event, and before its response arrives')
  google.failNext({ reason: 'backendError', operation: 'events.insert', after: true, count: 5 })
  blue.table.insert({ summary: 'Review', ...at('15') })
  await blue.calendars.wake(blue.target)
  await pass(20)
  report.claim('it is created once', titles(google.events()) === 'Lunch, Review, Stand-up')
  report.claim('both apps are equal with the calendar', areEqual())

  report.chapter('Both apps change the same event')
  red.table.edit('Stand-up', { location: 'Room 1' })
  blue.table.edit('Stand-up', { description: 'Bring news.' })
  for (const app of apps) await app.calendars.wake(app.target)
  await pass(20)
  const merged = apps.map(({ table }) => table.items().find(({ summary }) => summary === 'Stand-up'))
  report.claim(
    'changes to different fields are merged',
    merged.every((event) => event?.['location'] === 'Room 1' && event['description'] === 'Bring news.'),
  )
  red.table.edit('Lunch', { summary: 'Lunch at one' })
  blue.table.edit('Lunch', { summary: 'Late lunch' })
  for (const app of apps) await app.calendars.wake(app.target)
  await pass(20)
  const parked = await Promise.all(apps.map(({ calendars, target }) => Array.fromAsync(calendars.parked(target))))
  const conflicts = parked.flatMap((list, index) =>
    list.filter(({ kind }) => kind === 'conflict').map(({ id }) => ({ id, app: apps[index] })),
  )
  report.claim('two titles for one event are parked, and no title is lost', conflicts.length === 1)
  for (const { id, app } of conflicts) await app?.calendars.resolve(app.target, id, 'local')
  for (const app of apps) await app.calendars.wake(app.target)
  await pass(20)
  report.note(titles(google.events()))
  report.claim('once it is resolved, all are equal', areEqual())

  report.chapter('Google forgets the cursor, and an event is deleted meanwhile')
  await google.remove('standup')
  google.expireSyncTokens()
  await pass(20)
  report.claim(
    'both apps list everything again',
    apps.every(({ recoveries }) => recoveries.includes('expired_cursor')),
  )
  report.claim('the deleted event is gone everywhere', areEqual() && !titles(red.table.items()).includes('Stand-up'))

  report.chapter('Quiet')
  const writes = google.writes()
  await pass(30)
  report.claim('nothing is written any more', google.writes() === writes)
  report.claim('each app has one channel', google.channels().length === 2)
  const forged = new Request('https://red.example/hooks/calendar', {
    method: 'POST',
    headers: { 'x-goog-channel-id': 'forged', 'x-goog-channel-token': 'forged', 'x-goog-resource-state': 'exists' },
  })
  report.claim('a forged notification is refused', (await red.hooks.receive(forged)).status === 401)

  report.chapter('Eight days later')
  await pass(8 * 24 * 60)
  report.claim('the channels were renewed', google.channels().length === 2)
  await google.insert({ id: 'dinner', summary: 'Dinner', ...at('20') })
  await pass(10)
  report.claim('and still deliver', areEqual())
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
} finally {
  for (const app of apps) {
    await app.close()
    app.table.close()
  }
}
