/** Returns the bytes of a file: its text in UTF-8, or what its base64 stands for. */
export const bytesOf = ({
  content,
  content_base64 = '',
}: {
  readonly content?: string | undefined
  readonly content_base64?: string | undefined
}): Uint8Array<ArrayBuffer> =>
  content === undefined
    ? Uint8Array.from(atob(content_base64), (character) => character.charCodeAt(0))
    : new TextEncoder().encode(content)

export function base64Of(bytes: Uint8Array): string {
  let binary = ''
  // A spread of a whole file would overflow the stack.
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
