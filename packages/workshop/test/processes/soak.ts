import { parseArgs } from 'node:util'
import type { StoreAddress } from './open-store.ts'
import { openPlace } from './place.ts'
import { proveOneRefresh } from './prove-one-refresh.ts'
import { proveSurvival } from './prove-survival.ts'

/**
 * Runs the proofs of this folder for any duration:
 *
 *     node --conditions=@mcpclient/source packages/workshop/test/processes/soak.ts --kills 500 --processes 6
 *
 * `--store` is `sqlite` (default), `postgres` or `redis`, and may be given several times; `--expiries` and `--seed` as well.
 * Exits with 1 after a fault. The moments differ even with the same seed, because the processes are real.
 */
const { values } = parseArgs({
  options: {
    store: { type: 'string', multiple: true, default: ['sqlite'] },
    processes: { type: 'string', default: '4' },
    expiries: { type: 'string', default: '10' },
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now()) },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const isKind = (name: string): name is StoreAddress['kind'] => ['sqlite', 'postgres', 'redis'].includes(name)

async function soak(kind: StoreAddress['kind']): Promise<readonly string[]> {
  const place = await openPlace(kind)
  if (place.missing !== undefined) return [place.missing]
  const [processes, expiries, kills] = [Number(values.processes), Number(values.expiries), Number(values.kills)]
  try {
    const store = await place.newStore()
    const found = await proveOneRefresh({ store, processes, width: 8, expiries })
    say(`${kind}: ${expiries} expiries, ${processes} processes: ${found.length === 0 ? 'one refresh each' : 'failed'}`)
    const onKill = (done: number) => (done % 10 === 0 ? say(`${kind}: killed ${done} times`) : undefined)
    const survival = await proveSurvival({ store: await place.newStore(), processes, kills, seed: values.seed, onKill })
    const { refreshes, killed, lost, complaints } = survival
    say(`${kind}: ${killed} processes killed, ${refreshes} tokens shown, ${lost} grants lost and reported`)
    return [...found, ...complaints]
  } finally {
    await place.close()
  }
}

say(`seed ${values.seed}`)
for (const name of values.store) {
  const complaints = isKind(name) ? await soak(name) : ['there is no such store; give sqlite, postgres or redis']
  for (const complaint of complaints) say(`${name}: ${complaint}`)
  if (complaints.length > 0) process.exitCode = 1
}
