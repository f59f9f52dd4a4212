/**
 * Returns whether any of the text rules can match. Most sentences lack what every rule needs: a separator, an escape or a
 * slash; a word that introduces a credential; or a run of letters and digits too long for an English word. This check
 * costs far less than the rules. Extend it with every new rule: a test compares the two.
 */
export function canHoldSecret(text: string): boolean {
  let run = 0
  let onlyLetters = true
  for (let at = 0; at < text.length; at++) {
    const kind = kinds[text.charCodeAt(at)] ?? OTHER
    if (kind === SEPARATOR) return true
    if (kind === OTHER) {
      run = 0
      onlyLetters = true
      continue
    }
    run++
    onlyLetters &&= kind === LETTER
    if (run > (onlyLetters ? MAX_WORD_LENGTH : MAX_NAME_LENGTH)) return true
  }
  return introducing.test(text)
}

/** A key of AWS or Meta without digits is longer. */
const MAX_WORD_LENGTH = 19
/** The shortest token prefix with the shortest tail is longer. */
const MAX_NAME_LENGTH = 12

const introducing = /bearer|basic|dpop|negotiate|eyJ|ya29\.|SG\.|-----/i

const [OTHER, LETTER, DIGIT, SEPARATOR] = [0, 1, 2, 3]
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[=:%\\/]/.test(character)) return SEPARATOR
  if (/[A-Za-z]/.test(character)) return LETTER
  return /[0-9_-]/.test(character) ? DIGIT : OTHER
})
