import { quotaCases } from '../behaviour/quota-cases.ts'
import type { QuotaFigures } from '../behaviour/quota-simulation.ts'
import { judge } from '../report/goal.ts'
import type { Goal } from '../report/goal.ts'
import type { Table } from '../report/table.ts'

/** @param figures of `quotaCases`, in their order */
export const quotaTable = (figures: readonly QuotaFigures[]): Table => ({
  title: 'Clients that start 30 calls a second, at a provider that allows 100 in each window of 10 s, for 2 minutes',
  columns: ['clients', 'served', '% of the allowed', '429s', '% of the requests', 'failed calls'],
  rows: quotaCases.map(({ name }, index) => {
    const each = figures[index]
    return each
      ? [name, each.served, servedPercent(each), each.rejected, rejectedPercent(each), each.failedCalls]
      : [name]
  }),
})

export const quotaGoals = (figures: readonly QuotaFigures[]): Goal[] =>
  quotaCases.flatMap(({ name, maxRejectedPercent }, index) => {
    const each = figures[index]
    return [
      judge('G12', `429s, ${name}`, '% of requests', each ? rejectedPercent(each) : Number.NaN, {
        atMost: maxRejectedPercent,
      }),
      judge('G12', `served, ${name}`, '% of allowed', each ? servedPercent(each) : Number.NaN, { atLeast: 98 }),
    ]
  })

const servedPercent = ({ served, allowed }: QuotaFigures): number => (100 * served) / allowed
const rejectedPercent = ({ served, rejected }: QuotaFigures): number => (100 * rejected) / (served + rejected)
