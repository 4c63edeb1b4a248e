/**
 * Derives a list of package sources that also offers source packages from the machine's own list.
 *
 * Machines seldom have `deb-src` entries, and ours must not be changed. So each entry of /etc/apt is copied
 * with `deb-src` beside its `deb`, into files that only our apt-get is told of; the mirror, its options and
 * its keys stay what the owner chose. Two formats are in use (sources.list(5)):
 *
 *   one line, *.list:        deb [signed-by=KEY] URI SUITE COMPONENT…
 *   deb822, *.sources:       stanzas of `Field: value`, the field `Types: deb deb-src`
 */

/** Adds a deb-src line after each deb line of a one-line-style file. */
export function addSourceLines(list: string): string {
  const lines = list.split('\n').flatMap((line) => {
    const entry = /^\s*deb(\s+.*)$/.exec(line);
    return entry === null ? [line] : [line, `deb-src${entry[1] ?? ''}`];
  });
  return [...new Set(lines)].join('\n');
}

/** Gives each stanza of a deb822-style file both types. Stanzas of deb-src alone stay as they are. */
export function addSourceTypes(sources: string): string {
  return sources
    .split('\n')
    .map((line) => {
      const field = /^Types:\s*(.*)$/i.exec(line);
      const types = (field?.[1] ?? '').split(/\s+/);
      return types.includes('deb') && !types.includes('deb-src') ? 'Types: deb deb-src' : line;
    })
    .join('\n');
}

/**
 * The converted text of a file of /etc/apt, or null if apt would not read a file of this name (it reads
 * only *.list and *.sources, so that "x.list.disabled" is out of use).
 */
export function withSources(file_name: string, text: string): string | null {
  if (file_name.endsWith('.list')) return addSourceLines(text);
  if (file_name.endsWith('.sources')) return addSourceTypes(text);
  return null;
}

/**
 * Picks the newest plain kernel of a series among package names: `linux-image-6.1.0-47-amd64`, never the
 * -cloud, -rt, -dbg and -unsigned ones. Undefined when there is none.
 */
export function newestKernelPackage(names: readonly string[], series: string): string | undefined {
  const abi = (name: string): number =>
    name.startsWith(`linux-image-${series}-`) ? Number(/-(\d+)-amd64$/.exec(name)?.[1] ?? NaN) : NaN;
  return names
    .filter((name) => /^linux-image-[\d.]+-\d+-amd64$/.test(name) && !Number.isNaN(abi(name)))
    .sort((a, b) => abi(b) - abi(a))[0];
}
