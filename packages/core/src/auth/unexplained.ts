/** The `reason` of a refusal without a known cause. A single one counts as a temporary failure. */
export const UNEXPLAINED = 'refusal_unexplained'
