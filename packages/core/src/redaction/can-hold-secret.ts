/**
 * Whether any of the rules for secrets in text can find anything. Most sentences have nothing of what every rule needs: a
 * separator, an escape or a slash; a word that announces a credential; a run of letters and digits that is long enough
 * for one and no English word. Asking costs far less than the rules do. A new rule has to be thought of here, too; a test
 * holds the two together.
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
    if (run > (onlyLetters ? LONGEST_WORD : LONGEST_NAME)) return true
  }
  return announcing.test(text)
}

/** One letter more is the shortest run of letters that begins as a key of AWS or of Meta does. */
const LONGEST_WORD = 19
/** One more is the shortest prefix of a token with the shortest tail that is taken for one. */
const LONGEST_NAME = 12

const announcing = /bearer|basic|dpop|negotiate|eyJ|ya29\.|SG\.|-----/i

const [OTHER, LETTER, DIGIT, SEPARATOR] = [0, 1, 2, 3]
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[=:%\\/]/.test(character)) return SEPARATOR
  if (/[A-Za-z]/.test(character)) return LETTER
  return /[0-9_-]/.test(character) ? DIGIT : OTHER
})
