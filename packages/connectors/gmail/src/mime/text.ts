/** The end of a line of a message. */
export const EOL = '\r\n'
/** The end of a line that the next one continues. */
export const FOLD = `${EOL} `

/** Splits a string into pieces that are as long as possible, between characters. */
export function pieces(text: string, fits: (piece: string) => boolean): readonly string[] {
  const found: string[] = []
  let piece = ''
  for (const character of text) {
    if (piece !== '' && !fits(piece + character)) {
      found.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...found, piece]
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
