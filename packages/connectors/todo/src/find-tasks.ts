import { ConnectorError } from '@mcpclient/core/define'
import * as z from 'zod'
import { day, priority, status, tag } from './shapes.ts'
import type { Row } from './shapes.ts'
import type { StoredTask, TaskStore } from './task-store.ts'

/** Maximum number of unreadable tasks in one result. */
const MAX_UNREADABLE = 100

export const Search = z.object({
  search: z.string().trim().min(1).max(200).optional().describe('Only tasks whose title or notes contain this.'),
  status: status.optional().describe('Only tasks with this status.'),
  priority: priority.optional().describe('Only tasks with this priority.'),
  tag: tag.optional().describe('Only tasks with this tag.'),
  dueBefore: day.optional().describe('Only tasks that are due before this day.'),
  dueAfter: day.optional().describe('Only tasks that are due after this day.'),
  orderBy: z
    .enum(['id', 'due', 'priority', 'created', 'updated'])
    .default('id')
    .describe(
      'id: in the order of creation, except for ids from clients. Reads no more than the page needs; the other orders ' +
        'read the whole list. due: earliest first; priority: high first; created: oldest first; updated: latest first.',
    ),
  limit: z.number().int().min(1).max(200).default(50).describe('Tasks in one page.'),
  after: z.string().max(200).optional().describe('`next` of the previous page, with the same orderBy.'),
})
export type Search = z.output<typeof Search>
type Order = Search['orderBy']

interface Found {
  readonly tasks: readonly StoredTask[]
  /** Undefined after the last page. */
  readonly next: string | undefined
  readonly unreadable: readonly string[]
}

/** A place in an order: a rank that compares as a string, then the id. */
interface Place {
  readonly rank: string
  readonly id: string
}

/** Returns a page of the tasks that match. Holds one page of the store and one page of the result. */
export async function findTasks(tasks: TaskStore, search: Search): Promise<Found> {
  const { orderBy, limit } = search
  const after = search.after === undefined ? undefined : placeAt(search.after, orderBy)
  const page: (StoredTask & Place)[] = []
  const unreadable: string[] = []
  for await (const { id, row } of tasks.list(orderBy === 'id' ? after?.id : undefined)) {
    if (row === undefined) {
      if (unreadable.length < MAX_UNREADABLE) unreadable.push(id)
      continue
    }
    if (!matches(row, search)) continue
    const place = { id, row, rank: ranks[orderBy](row) }
    if (after !== undefined && compare(place, after) <= 0) continue
    insert(page, place, limit + 1)
    if (orderBy === 'id' && page.length > limit) break
  }
  const shown = page.slice(0, limit)
  const last = shown.at(-1)
  const next = page.length > limit && last !== undefined ? `${orderBy}:${last.rank}:${last.id}` : undefined
  return { tasks: shown, next, unreadable }
}

const PRIORITIES = { high: '0', normal: '1', low: '2' } as const
/** After every time, so that the difference to it orders the latest time first. */
const LAST_MS = 8.64e15

const ranks: Readonly<Record<Order, (row: Row) => string>> = {
  id: () => '',
  // Tasks without a day come last.
  due: ({ due }) => due ?? '~',
  priority: (row) => PRIORITIES[row.priority],
  created: ({ createdAt }) => createdAt,
  updated: ({ updatedAt }) => String(LAST_MS - Date.parse(updatedAt)).padStart(16, '0'),
}

function matches(
  row: Row,
  { search, status: wanted, priority: level, tag: name, dueBefore, dueAfter }: Search,
): boolean {
  if (wanted !== undefined && row.status !== wanted) return false
  if (level !== undefined && row.priority !== level) return false
  if (name !== undefined && !row.tags.includes(name)) return false
  if (dueBefore !== undefined && !(row.due !== undefined && row.due < dueBefore)) return false
  if (dueAfter !== undefined && !(row.due !== undefined && row.due > dueAfter)) return false
  return search === undefined || folded(`${row.title}\n${row.notes ?? ''}`).includes(folded(search))
}

const folded = (text: string): string => text.normalize().toLowerCase()

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
const compare = (left: Place, right: Place): number =>
  compareText(left.rank, right.rank) || compareText(left.id, right.id)

/** Inserts into a sorted list that keeps its first `size` items. */
function insert<Item extends Place>(list: Item[], item: Item, size: number): void {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(list[middle] as Item, item) < 0) low = middle + 1
    else high = middle
  }
  list.splice(low, 0, item)
  if (list.length > size) list.pop()
}

function placeAt(after: string, orderBy: Order): Place {
  const [, order, rank, id] = /^([a-z]+):(.*):([A-Za-z0-9_-]{1,64})$/.exec(after) ?? []
  if (order === orderBy && rank !== undefined && id !== undefined) return { rank, id }
  throw new ConnectorError('INVALID_INPUT', 'The place to continue after does not belong to this order.', {
    issues: [{ path: 'after', message: 'must be `next` of a page with the same orderBy' }],
    outcome: 'not_processed',
    hint: 'Pass `next` of the previous page with the same orderBy, or leave `after` out.',
  })
}
