/** `reason` of a refusal by an authorization server that does not say why. One alone is taken for a temporary failure. */
export const UNEXPLAINED = 'refusal_unexplained'
