import process from 'node:process'
import { inspect, parseArgs } from 'node:util'
import { runFuzz } from './run-fuzz.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '10000' }, seed: { type: 'string' } },
})
const inputs = Number(values.inputs)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  say('Usage: npm run fuzz -- [--inputs N] [--seed S]; N and S are whole numbers.')
  process.exit(2)
}

say(`${inputs} inputs from seed ${seed}`)
const { counts, failure } = await runFuzz(seed, inputs)
for (const [outcome, count] of [...counts].toSorted(([, one], [, other]) => other - one)) say(`${outcome}: ${count}`)
if (failure === undefined) say('No rule was broken.')
else {
  say(`Input ${failure.seed} broke a rule. Run it alone: npm run fuzz -- --inputs 1 --seed ${failure.seed}`)
  say(inspect(failure.error, { depth: 4 }))
}
process.exit(failure === undefined ? 0 : 1)
