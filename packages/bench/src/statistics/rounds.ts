/** The samples of each contestant by round: the same index is the same round. */
export type Rounds<Sample> = ReadonlyMap<string, readonly Sample[]>

/** Fewer rounds have no median. */
const MIN_ROUNDS = 3

/**
 * Runs every contestant once in each round, in a random order for each, so that a slow second of the machine affects
 * all of them.
 * @param options.rounds the maximum number of rounds
 * @param options.random numbers from 0 to below 1
 * @param options.mostMs milliseconds after which no new round begins, once three are finished; unlimited if absent
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
    if (round >= MIN_ROUNDS && nowMs() - began > mostMs) break
    for (const contestant of shuffled(options.contestants, options.random)) {
      samples.get(contestant)?.push(await go(contestant))
    }
  }
  return samples
}

/** Returns a copy in random order (Fisher and Yates). */
export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
  const drawn = [...values]
  for (let left = drawn.length - 1; left > 0; left--) {
    const chosen = Math.floor(random() * (left + 1))
    ;[drawn[left], drawn[chosen]] = [drawn[chosen] as Value, drawn[left] as Value]
  }
  return drawn
}
