import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    channels: { type: 'boolean' },
    count: { type: 'string', default: '1000' },
    days: { type: 'string', default: '90' },
    seed: { type: 'string' },
    failing: { type: 'string', default: '0.2' },
  },
})
const [channels, days, failing] = [Number(values.count), Number(values.days), Number(values.failing)]
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const areWhole = [channels, seed].every((each) => Number.isSafeInteger(each) && each >= 0)
if (!areWhole || channels < 1 || !(days > 0) || !(failing >= 0 && failing < 1)) {
  say('Usage: npm run simulate -- --channels [--count N] [--days D] [--seed S] [--failing F]')
  say('N and S are whole numbers; F is the share of requests that fail, below 1.')
  process.exit(2)
}

Error.stackTraceLimit = 0
process.exitCode =
  (await report('no outage', {})) +
  (await report('an outage of 3 days and a downtime of 8', {
    outages: [{ from: 10, days: 3 }],
    downtimes: [{ from: days * 0.6, days: 8 }],
  }))

/** Runs a simulation and prints its figures. Returns 1 if it broke a rule. */
async function report(
  name: string,
  spans: Pick<Parameters<typeof simulate>[0], 'outages' | 'downtimes'>,
): Promise<number> {
  const began = performance.now()
  const { gaps, lateAfterGap, slowestRecoveryMs, lapses, created, failed, stops, live } = await simulate({
    ...{ seed, channels, days, failing },
    ...spans,
  })
  const mayHaveGaps = spans.outages !== undefined
  const isViolated = lateAfterGap.length > 0 || live < channels || (!mayHaveGaps && gaps.length > 0)
  const number = (count: number): string => count.toLocaleString('en')
  say(`\n${name}: ${number(channels)} channels, ${days} days, seed ${seed}: ${isViolated ? 'BROKEN' : 'kept'}`)
  say(
    `  subscriptions made ${number(created)} · requests failed ${number(failed)} · processes stopped ${number(stops)}`,
  )
  say(
    `  gaps ${number(gaps.length)} · lapses reported ${number(lapses)} · not pulled in time ${number(lateAfterGap.length)}`,
  )
  if (mayHaveGaps) say(`  slowest recovery ${number(Math.round(slowestRecoveryMs / 60_000))} minutes`)
  say(`  took ${number(Math.round((performance.now() - began) / 1000))} s`)
  return isViolated ? 1 : 0
}
