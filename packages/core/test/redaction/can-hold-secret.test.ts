import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { canHoldSecret } from '../../src/redaction/can-hold-secret.ts'
import { applyRules } from '../../src/redaction/redact-text.ts'

/** Fragments of secrets among ordinary text. */
const piece = fc.oneof(
  fc.constantFrom(
    'xoxb-',
    'xapp-',
    'ghp_',
    'github_pat_',
    'glpat-',
    'AKIA',
    'ASIA',
    'ya29.',
    '1//0',
    'AIza',
    'GOCSPX-',
  ),
  fc.constantFrom('sk-', 'sk_live_', 'rk_test_', 'whsec_', 'SG.', 'pat-na1-', 'ntn_', 'secret_', 'EAA', 'ATATT3'),
  fc.constantFrom('ATCTT3', 'shpat_', 'lin_api_', 'npm_', 'hf_', 'eyJ', 'Bearer ', 'basic\t', 'DPoP ', 'Negotiate+'),
  fc.constantFrom('-----BEGIN PRIVATE KEY', '://', 'hooks.slack.com/services/', 'password', 'token', 'code', 'api_key'),
  fc.constantFrom('=', ':', '%3D', '%20', ' ', '.', ', ', '"', '@', '\\n', '\n', '[', ']', '-', '_', 'é', 'ſ'),
  fc.string({ unit: fc.constantFrom(...'abcXYZ0189'), maxLength: 22 }),
  fc.constantFrom('QWERTYUIOPASDFGH', 'hbGciOi', '.ab', '..ab'),
  fc.constantFrom('The provider answered', 'nothing was sent', 'wait', 'a', '503'),
)
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))

it('returns false only if no rule matches', () => {
  fc.assert(
    fc.property(text, (written) => {
      if (!canHoldSecret(written)) expect(applyRules(written, () => {})).toBe(written)
    }),
    { numRuns: 20_000 },
  )
})

it('skips most rules for an ordinary sentence', () => {
  const sentences = [
    'service has been failing, so nothing was sent.',
    "tenant_1 may not call service.ping, a read tool (it isn't allowed).",
    'Calling it again in 30 seconds can help; see the status page.',
  ]
  expect(sentences.filter(canHoldSecret)).toEqual([])
})
