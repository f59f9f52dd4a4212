import type { TokenUse } from './authorization-server.ts'

export interface Evidence {
  /** Every use of a refresh token that the provider saw. */
  readonly uses: readonly TokenUse[]
  readonly killed: ReadonlySet<string>
  /** The number of grants that were reported as lost, with the reason `grant_lost`. */
  readonly lost: number
}

/**
 * Returns the faulty uses that the provider saw, a sentence for each; none is a success.
 *
 * A process that dies between the response to its refresh and the write of the new grant loses the grant. The next
 * process may then use a token again, but only after its first user was killed, and never without a report.
 */
export function judgeTokenUses({ uses, killed, lost }: Evidence): readonly string[] {
  const found: string[] = []
  let ended = 0
  for (const [token, shown] of Map.groupBy(uses, (use) => use.token)) {
    const redeemed = shown.filter(({ outcome }) => outcome === 'redeemed').length
    if (redeemed !== 1) found.push(`${token} was redeemed ${redeemed} times, and shown ${shown.length} times`)
    if (shown.length > 1) ended++
    for (const [index, { by }] of shown.entries()) {
      const before = shown[index - 1]
      if (before !== undefined && !killed.has(before.by)) {
        found.push(`${token} was shown by ${by} though ${before.by}, which had shown it, was alive`)
      }
    }
  }
  if (ended !== lost) found.push(`${ended} grants ended by a token that was shown again, and ${lost} were reported`)
  return found
}
