/**
 * The script of a report, in the reader's browser: folding of equal lines, the filter of functions, and the explorer,
 * which shows one thing of the payload with what refers to it on the left and what it refers to on the right. All of it
 * works by keyboard; what the picture shows is in the tables as well.
 */
const byId = (name: string): HTMLElement | null => document.getElementById(name);
const root = document.documentElement;
root.classList.add('js');

function setUpFolding(): void {
  const tools = byId('tools');
  const fold = byId('fold');
  if (tools === null || fold === null) return;
  tools.hidden = false;
  fold.addEventListener('click', () => {
    const all = root.classList.toggle('all');
    fold.setAttribute('aria-pressed', String(!all));
  });
}

function setUpFilter(): void {
  const filter = byId('filter');
  const matches = byId('matches');
  if (!(filter instanceof HTMLInputElement) || matches === null) return;
  const articles = [...document.querySelectorAll<HTMLElement>('article')];
  filter.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase();
    let shown = 0;
    for (const article of articles) {
      article.hidden = !(article.dataset['name'] ?? '').toLowerCase().includes(wanted);
      if (!article.hidden) shown++;
    }
    matches.textContent = wanted === '' ? '' : `${shown} of ${articles.length} functions`;
  });
}

type GraphNode = readonly [name: string, kind: string, size: number, reason: string];
interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly (readonly [from: number, to: number, at: string])[];
}

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 960;
const BOX = 260;
const HEIGHT = 34;
const STEP = 46;
/** Neighbours on a side that are drawn; the table has all. */
const MOST = 30;
const LONGEST = 34;

function element(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

class Explorer {
  private here = 0;
  private readonly before: number[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly place: HTMLElement,
    private readonly found: HTMLElement,
  ) {}

  show(node: number, focus: boolean): void {
    this.here = node;
    this.draw();
    if (focus) this.place.querySelector<SVGElement>('g.here')?.focus();
  }

  go(node: number, focus = true): void {
    if (node === this.here) return;
    this.before.push(this.here);
    this.show(node, focus);
  }

  back(): void {
    const last = this.before.pop();
    if (last !== undefined) this.show(last, false);
  }

  private draw(): void {
    const { nodes, edges } = this.graph;
    const users = edges.filter(([, to]) => to === this.here);
    const used = edges.filter(([from]) => from === this.here);
    const rows = Math.max(1, Math.min(MOST, users.length), Math.min(MOST, used.length));
    const height = rows * STEP + 30;
    const [name, kind, size, reason] = nodes[this.here];
    const svg = element('svg', {
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'group',
      'aria-label': `what refers to ${name}, and what it refers to`,
    });
    const middle = (WIDTH - BOX) / 2;
    const centre = height / 2 - HEIGHT / 2;
    const side = (list: typeof edges, x: number, other: 0 | 1): void => {
      list.slice(0, MOST).forEach((edge, k) => {
        const y = 15 + ((height - 30) / Math.min(MOST, list.length)) * (k + 0.5) - HEIGHT / 2;
        const [from, to] = x < middle ? [x + BOX, middle] : [middle + BOX, x];
        const [y1, y2] = x < middle ? [y, centre] : [centre, y];
        const bend = (from + to) / 2;
        svg.append(
          element('path', {
            d: `M${from} ${y1 + HEIGHT / 2} C${bend} ${y1 + HEIGHT / 2} ${bend} ${y2 + HEIGHT / 2} ${to} ${y2 + HEIGHT / 2}`,
          }),
        );
        svg.append(this.box(edge[other], x, y, `at +0x${edge[2]}`));
      });
    };
    side(users, 0, 0);
    side(used, WIDTH - BOX, 1);
    svg.append(this.box(this.here, middle, centre, ''));
    this.place.replaceChildren(svg);
    const size2 = size > 0 ? `, ${size} bytes` : '';
    const cut = (count: number): string => (count > MOST ? ` (${MOST} are drawn)` : '');
    this.found.textContent = `${name}: ${kind}${size2}, ${reason}; ${users.length} refer to it${cut(users.length)}, it refers to ${used.length}${cut(used.length)}`;
  }

  private box(node: number, x: number, y: number, how: string): SVGElement {
    const [name, kind] = this.graph.nodes[node];
    const here = node === this.here;
    const shown = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
    const says = how === '' ? kind : `${kind}, ${how}`;
    const label = `${shown} ${says}${shown === name ? '' : `; in full ${name}`}`;
    const group = element('g', {
      transform: `translate(${x} ${y})`,
      tabindex: 0,
      role: 'button',
      'aria-label': here ? `${label}, shown now` : label,
      ...(here ? { class: 'here' } : {}),
    });
    group.append(
      element('rect', { width: BOX, height: HEIGHT, rx: 4 }),
      element('text', { x: 8, y: 15 }, `${shown} `),
      element('text', { x: 8, y: 28, class: 'how' }, says),
    );
    const open = (): void => this.go(node);
    group.addEventListener('click', open);
    group.addEventListener('keydown', (event) => {
      if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
      event.preventDefault();
      open();
    });
    return group;
  }
}

function setUpExplorer(): void {
  const table = byId('graph-data');
  const [explorer, place, found, find, back, names] = [
    'explorer',
    'graph',
    'found',
    'find',
    'back',
    'names',
  ].map(byId);
  if (!table || !explorer || !place || !found || !back || !names || !(find instanceof HTMLInputElement))
    return;
  const graph = JSON.parse(table.textContent ?? '') as Graph;
  if (graph.nodes.length === 0) return;
  explorer.hidden = false;
  const view = new Explorer(graph, place, found);
  view.show(
    Math.max(
      0,
      graph.nodes.findIndex(([, , , reason]) => reason === 'changed'),
    ),
    false,
  );
  back.addEventListener('click', () => view.back());
  const seen = new Set<string>();
  for (const [name] of graph.nodes) {
    if (seen.has(name) || seen.size >= 2000) continue;
    seen.add(name);
    const option = document.createElement('option');
    option.value = name;
    names.append(option);
  }
  find.addEventListener('input', () => {
    const node = graph.nodes.findIndex(([name]) => name === find.value);
    if (node >= 0) view.go(node, false);
  });
}

setUpFolding();
setUpFilter();
setUpExplorer();

// A module: its names are its own.
export {};
