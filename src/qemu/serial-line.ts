/**
 * Takes apart the one serial line on which the hypervisor and dom0 both write.
 *
 * Xen writes whole lines that begin with "(XEN) ", at any moment: also in the middle of a line of dom0, whose
 * rest follows after Xen's line end. So
 *
 *   @@7{\n App(XEN) livepatch: hello: Applying\nlying hello... completed\n
 *
 * is Xen's "livepatch: hello: Applying" and dom0's "@@7{", " Applying hello... completed". Text of dom0 that
 * itself holds "(XEN) " would be taken for Xen's; nothing in our guest prints that.
 */

const PREFIX = '(XEN) ';

/** Lines without line ends and without Xen's prefix, in order of arrival. */
export interface SerialLines {
  readonly xen: readonly string[];
  readonly dom0: readonly string[];
}

/** A line of either, for those who must know what came before what. */
export interface ConsoleLine {
  readonly from: 'xen' | 'dom0';
  readonly text: string;
}

export interface SerialLine extends SerialLines {
  /** The lines of both, in the order of their ends. */
  readonly all: readonly ConsoleLine[];
  /** Takes the next characters from the line. */
  readonly feed: (text: string) => void;
  /** What dom0 has written of a line that it has not ended. */
  readonly unfinished: () => string;
  /** The first line that tells of a dead hypervisor or dom0, once one does. */
  readonly death: () => string | undefined;
}

export function serialLine(): SerialLine {
  const xen: string[] = [];
  const dom0: string[] = [];
  const all: ConsoleLine[] = [];
  let pending = '';
  let dom0_line = '';
  let death: string | undefined;

  const giveDom0 = (text: string): void => {
    const [first = '', ...rest] = text.split('\n');
    dom0_line += first;
    for (const line of rest) {
      if (DOM0_DIES.test(dom0_line)) death ??= dom0_line;
      dom0.push(dom0_line);
      all.push({ from: 'dom0', text: dom0_line });
      dom0_line = line;
    }
  };

  const feed = (text: string): void => {
    pending += text.replaceAll('\r', '');
    for (;;) {
      const xen_at = pending.indexOf(PREFIX);
      if (xen_at < 0) break;
      giveDom0(pending.slice(0, xen_at));
      pending = pending.slice(xen_at);
      const line_end = pending.indexOf('\n');
      if (line_end < 0) return;
      const line = pending.slice(PREFIX.length, line_end);
      if (XEN_DIES.test(line)) death ??= line;
      xen.push(line);
      all.push({ from: 'xen', text: line });
      pending = pending.slice(line_end + 1);
    }
    const held = beginningOfPrefix(pending);
    giveDom0(pending.slice(0, pending.length - held));
    pending = pending.slice(pending.length - held);
  };

  return { xen, dom0, all, feed, unfinished: () => dom0_line, death: () => death };
}

/** How many characters at the end of `text` may turn out to be the beginning of Xen's prefix. */
function beginningOfPrefix(text: string): number {
  for (let length = Math.min(PREFIX.length - 1, text.length); length > 0; length--) {
    if (PREFIX.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

/** What a hypervisor or a dom0 says when it dies. */
const XEN_DIES =
  /^Panic on CPU \d+|^\*\*\* DOUBLE FAULT|^FATAL (TRAP|PAGE FAULT)|Hardware Dom0 (crashed|shutdown)/;
const DOM0_DIES = /Kernel panic - not syncing/;
