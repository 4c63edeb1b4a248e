/**
 * Which diagnostic codes a file emits: string literals of the form XSnnn that become a value. A code in a type, in
 * a comparison or in a comment is talked about, not emitted.
 */
import { ts } from '@ts-morph/bootstrap';
import type { Source } from './house.js';
import { walk } from './house.js';

const COMPARISONS = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Codes in order of their places, repeated as often as they are emitted. */
export function emittedCodes(source: Source): { readonly code: string; readonly node: ts.Node }[] {
  const found: { code: string; node: ts.Node }[] = [];
  walk(source.tree, (node) => {
    if (!ts.isStringLiteral(node) || !/^XS\d{3}$/.test(node.text)) return;
    if (ts.isLiteralTypeNode(node.parent)) return;
    if (ts.isBinaryExpression(node.parent) && COMPARISONS.has(node.parent.operatorToken.kind)) return;
    found.push({ code: node.text, node });
  });
  return found;
}
