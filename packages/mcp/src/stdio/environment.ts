/** What a program needs to run at all and holds no secrets; the rest of the environment is the host's business. */
const NEEDED: readonly string[] =
  process.platform === 'win32'
    ? [
        ...['APPDATA', 'COMSPEC', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATH', 'PATHEXT', 'PROCESSOR_ARCHITECTURE'],
        ...[
          'PROGRAMDATA',
          'PROGRAMFILES',
          'SYSTEMDRIVE',
          'SYSTEMROOT',
          'TEMP',
          'TMP',
          'USERNAME',
          'USERPROFILE',
          'WINDIR',
        ],
      ]
    : ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'USER']

/**
 * The environment of a server: the least that a program needs, what the host lets through by name, and what it gives.
 * @param given values of the host's own
 * @param inherited names of variables of this process that the server may see, too
 */
export function environmentOf(
  given: Readonly<Record<string, string>>,
  inherited: readonly string[],
): Record<string, string> {
  const passed = [...NEEDED, ...inherited].flatMap((name): (readonly [string, string])[] => {
    const value = process.env[name]
    // bash exports functions as variables: code, not a value.
    return value === undefined || value.startsWith('() {') ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(passed), ...given }
}
