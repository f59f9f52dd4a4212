import type { Spend } from './authorization-server.ts'

export interface Evidence {
  /** Every showing of a refresh token that the provider saw. */
  readonly spends: readonly Spend[]
  readonly killed: ReadonlySet<string>
  /** How many grants were reported as lost, each with reason `grant_lost`. */
  readonly lost: number
}

/**
 * What the provider saw that it should not have seen, in a sentence each; none is a good end.
 *
 * A process that dies between the answer to its refresh and the writing of what it got takes the grant with it. So a token
 * may be shown again by the one who takes over; but only after its spender was killed, and never without a report.
 */
export function judgeSpends({ spends, killed, lost }: Evidence): readonly string[] {
  const found: string[] = []
  let ended = 0
  for (const [token, shown] of Map.groupBy(spends, (spend) => spend.token)) {
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
