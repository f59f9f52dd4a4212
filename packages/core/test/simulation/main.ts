import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { describeFailure, runSchedules, seedsFrom } from './run-schedules.ts'
import { simulate } from './simulate.ts'
import { summaryTable } from './summary-table.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})
const schedules = Number(values.schedules)
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (!Number.isSafeInteger(schedules) || schedules < 1 || !Number.isSafeInteger(first) || first < 0) {
  print('Usage: npm run simulate -- [--schedules N] [--seed S] [--trace]; N and S are whole numbers.')
  process.exit(2)
}

// Collecting a stack takes most of the time of an error, and no stack is read here.
Error.stackTraceLimit = 0
print(`Schedules ${first} to ${first + schedules - 1}`)
if (values.trace) {
  for (const seed of seedsFrom(first, schedules)) {
    const { trace } = await simulate(seed, { trace: true })
    print(`\nSchedule ${seed}\n${trace.join('\n')}`)
  }
}
const began = performance.now()
const { counts, failure } = await runSchedules(seedsFrom(first, schedules))
const seconds = (performance.now() - began) / 1000
print(`\n${summaryTable(counts)}\n`)
if (failure === undefined) {
  print(`No rule was broken. ${Math.round(schedules / seconds).toLocaleString('en')} schedules a second.`)
} else {
  print(describeFailure(failure))
  process.exit(1)
}
