import { seededRandom } from '@mcpclient/testing'
import { fuzzComposition } from './fuzz-composition.ts'
import { fuzzHandle } from './fuzz-handle.ts'

export interface FuzzResult {
  /** The number of occurrences of each outcome. */
  readonly counts: ReadonlyMap<string, number>
  /** The first input that broke a rule; its seed replays it. */
  readonly failure?: { readonly seed: number; readonly error: unknown } | undefined
}

const pristine = namesOf()

function namesOf(): string {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise.prototype]
    .map((prototype) => Reflect.ownKeys(prototype).map(String).join())
    .join(';')
}

/** Runs `inputs` inputs, each from its own seed, starting at `first`. Stops at the first broken rule. */
export async function runFuzz(first: number, inputs: number): Promise<FuzzResult> {
  const counts = new Map<string, number>()
  for (let seed = first; seed < first + inputs; seed++) {
    const random = seededRandom(seed)
    try {
      const outcome = random() < 0.7 ? await fuzzHandle(random) : await fuzzComposition(random)
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
      if (namesOf() !== pristine) throw new Error('A built-in prototype was changed.')
    } catch (error) {
      return { counts, failure: { seed, error } }
    }
  }
  return { counts }
}
