/**
 * What the hypervisor prints, line by line, without the `(XEN) ` that stands before each on a serial line.
 *
 * A text may begin with a level, `<0>` (error) to `<3>` (debug), and `<G>` for what guests cause; none is shown.
 * Like loglvl=all, all levels are kept. Source: printk_prefix_check() in xen/drivers/char/console.c.
 */
export class XenConsole {
  private readonly done: string[] = [];
  private begun = '';
  private continued = false;

  constructor(
    /** Whether it is a debug build, whose dprintk() says something. */
    readonly debugBuild = false,
  ) {}

  /** All lines so far; one that has not ended yet is the last. */
  get lines(): readonly string[] {
    return this.begun === '' ? this.done : [...this.done, this.begun];
  }

  /** Prints a text as printk() does: with its own line ends, and levels at the start of lines. */
  printk(text: string): void {
    const pieces = text.split('\n');
    for (const [k, piece] of pieces.entries()) {
      const last = k === pieces.length - 1;
      if (last && piece === '') break;
      this.begun += this.continued ? piece : piece.replace(/^(?:<G>)?(?:<[0-3]>)?/, '');
      this.continued = last;
      if (last) break;
      this.done.push(this.begun);
      this.begun = '';
    }
  }

  /** Prints one line that needs no level. */
  print(line: string): void {
    this.printk(`${line}\n`);
  }

  /** dprintk(): what only a debug build says. */
  dprintk(line: string): void {
    if (this.debugBuild) this.print(line);
  }

  /** Begins anew, as if what was printed had scrolled away. */
  clear(): void {
    this.done.length = 0;
    this.begun = '';
    this.continued = false;
  }

  /** The lines since there were `mark` of them. */
  since(mark: number): readonly string[] {
    return this.lines.slice(mark);
  }
}
