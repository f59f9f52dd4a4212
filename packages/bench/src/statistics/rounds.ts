/** What each contestant showed, round by round: the same index is the same round. */
export type Rounds<Sample> = ReadonlyMap<string, readonly Sample[]>

/** Fewer have no middle. */
const FEWEST_ROUNDS = 3

/**
 * Lets every contestant have one go in each round, in an order drawn anew for each, so that a machine that is slow for
 * a second is slow for all of them.
 * @param options.rounds how often everybody has a go, at most
 * @param options.random numbers from 0 to below 1
 * @param options.mostMs milliseconds after which no new round begins, once three have been played; unlimited if absent
 * @param options.nowMs the time; the platform's monotonic clock if absent
 */
export async function playRounds<Sample>(
  options: {
    readonly contestants: readonly string[]
    readonly rounds: number
    readonly random: () => number
    readonly mostMs?: number
    readonly nowMs?: () => number
  },
  go: (contestant: string) => Promise<Sample>,
): Promise<Rounds<Sample>> {
  const { nowMs = () => performance.now(), mostMs = Infinity } = options
  const samples = new Map<string, Sample[]>(options.contestants.map((contestant) => [contestant, []]))
  const began = nowMs()
  for (let round = 0; round < options.rounds; round++) {
    if (round >= FEWEST_ROUNDS && nowMs() - began > mostMs) break
    for (const contestant of shuffled(options.contestants, options.random)) {
      samples.get(contestant)?.push(await go(contestant))
    }
  }
  return samples
}

/** A copy in an order drawn at random (Fisher and Yates). */
export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
  const drawn = [...values]
  for (let left = drawn.length - 1; left > 0; left--) {
    const chosen = Math.floor(random() * (left + 1))
    ;[drawn[left], drawn[chosen]] = [drawn[chosen] as Value, drawn[left] as Value]
  }
  return drawn
}
