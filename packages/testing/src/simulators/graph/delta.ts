import type { SimulatedRecord } from '../simulated-provider.ts'
import type { Collection } from './collection.ts'
import type { DeltaPlace, GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { linkTo } from './routes.ts'
import type { Fields, GraphCall } from './routes.ts'

/** Parameters that a delta query does not accept: https://learn.microsoft.com/graph/delta-query-events */
const NOT_IN_DELTA = ['$filter', '$orderby', '$search', '$expand']
const DEFAULT_PAGE_SIZE = 10

export interface DeltaView {
  /**
   * Returns the resources that stand for a changed record.
   * @param isFirst whether everything is listed, so that what is outside of the view is left out
   */
  readonly shown: (record: SimulatedRecord, isFirst: boolean) => readonly Fields[]
  /** The parameters that the links contain. */
  readonly fixed?: readonly string[] | undefined
}

/** Returns a removed item, as a delta page has it. */
export const removedItem = (id: string): Fields => ({ id, '@removed': { reason: 'deleted' } })

/** Responds to a delta query: everything at first, then what changed since the link. */
export async function delta(
  collection: Collection,
  call: GraphCall,
  { deltas, pages }: GraphContext,
  { shown, fixed = [] }: DeltaView,
): Promise<Response> {
  const { parameters, preferences } = call
  const forbidden = NOT_IN_DELTA.find((name) => parameters.has(name))
  if (forbidden !== undefined) {
    throw new GraphFailure('ErrorInvalidRequest', { message: `The query parameter ${forbidden} is not supported.` })
  }
  const place = placeOf(collection, call, { deltas, pages }, fixed)
  const { since, page } = place
  const answer = await collection.provider.pull({ since, page, size: preferences.pageSize ?? DEFAULT_PAGE_SIZE })
  if ('code' in answer) throw new GraphFailure('SyncStateNotFound')
  const view = JSON.parse(place.query) as Readonly<Record<string, string>>
  for (const [name, value] of Object.entries(view)) parameters.set(name, value)
  return Response.json({
    '@odata.context': `${call.url.origin}/v1.0/$metadata#Collection(${collection.settings.type})`,
    ...(answer.page !== undefined && {
      '@odata.nextLink': linkTo(call, '$skiptoken', pages.issue({ ...place, page: answer.page })),
    }),
    ...(answer.page === undefined && {
      '@odata.deltaLink': linkTo(
        call,
        '$deltatoken',
        deltas.issue({ ...place, page: undefined, since: answer.checkpoint }),
      ),
    }),
    value: [
      ...answer.changed.flatMap((record) => shown(record, since === undefined)),
      ...answer.removed.map((name) => removedItem(collection.idOf(name, preferences.immutableIds))),
    ],
  })
}

function placeOf(
  { settings }: Collection,
  { parameters }: GraphCall,
  { deltas, pages }: Pick<GraphContext, 'deltas' | 'pages'>,
  fixed: readonly string[],
): DeltaPlace {
  const [skip, state] = [parameters.get('$skiptoken'), parameters.get('$deltatoken')]
  if (skip === null && state === null) {
    const query = Object.fromEntries(
      fixed.flatMap((name) => (parameters.has(name) ? [[name, parameters.get(name)]] : [])),
    )
    return { collection: settings.name, query: JSON.stringify(query) }
  }
  const place = skip === null ? deltas.read(state ?? '') : pages.read(skip)
  if (place?.collection !== settings.name) throw new GraphFailure('SyncStateNotFound')
  return place
}
