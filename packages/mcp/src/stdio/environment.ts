/** Variables that a program needs to run, and that hold no secrets. The rest of the environment belongs to the host. */
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
 * Returns the environment of a program: the minimum that it needs, the variables that the host names, and its own values.
 * @param given the host's own values
 * @param inherited names of variables of this process that the program may see as well
 */
export function environmentOf(
  given: Readonly<Record<string, string>>,
  inherited: readonly string[],
): Record<string, string> {
  const passed = [...NEEDED, ...inherited].flatMap((name): (readonly [string, string])[] => {
    const value = process.env[name]
    // bash exports functions as variables, which are code and not values.
    return value === undefined || value.startsWith('() {') ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(passed), ...given }
}
